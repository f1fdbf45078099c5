//! The one table of codes: what can go wrong, told to machines (the code), to people (titles and explanations in
//! Vietnamese and English) and to HTTP (the status).
//!
//! A code is a promise to programs outside: it is never renamed and never given another meaning. A new one is a new
//! entry here and nothing else: the enum, the page `/problems/<code>` and the list in the OpenAPI document come from
//! this table. Codes of single fields (the entries of `errors`) stand in the same table; as the code of a whole
//! problem they would be 422.

use actix_web::http::StatusCode;
use serde::{Serialize, Serializer};

use super::language::Text;

/// Makes the enum and its table from one list, so that no code can lack a status or a text.
macro_rules! codes {
    ($($variant:ident = $name:literal, $status:literal, $title_vi:literal, $title_en:literal, $why_vi:literal, $why_en:literal;)+) => {
        /// What went wrong: the `code` of a problem or of one entry of its `errors`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title_en] $variant,)+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// The name that programs see, in `snake_case`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)+ }
            }

            const fn status_number(self) -> u16 {
                match self { $(Code::$variant => $status,)+ }
            }

            /// What a person reads first.
            #[must_use]
            pub const fn title(self) -> Text<'static> {
                match self { $(Code::$variant => Text { vi: $title_vi, en: $title_en },)+ }
            }

            /// When it happens and what to do; shown on the page `/problems/<code>`.
            #[must_use]
            pub const fn explanation(self) -> Text<'static> {
                match self { $(Code::$variant => Text { vi: $why_vi, en: $why_en },)+ }
            }
        }
    };
}

impl Code {
    /// The status of a problem that has this code.
    #[must_use]
    pub fn status(self) -> StatusCode {
        // A test walks the whole table, so the fallback is never taken.
        StatusCode::from_u16(self.status_number()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The code with this name, if there is one.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

codes! {
    // The request itself.
    BadJson = "bad_json", 400,
        "Nội dung gửi lên không phải JSON hợp lệ", "The body is not valid JSON",
        "Nội dung phải là một văn bản JSON đầy đủ, mã hóa UTF-8, lồng nhau không quá 100 cấp.",
        "The body must be one complete JSON text in UTF-8, nested no deeper than 100 levels.";
    BadRequest = "bad_request", 400,
        "Yêu cầu không hợp lệ", "The request is malformed",
        "Máy chủ không đọc được yêu cầu. Hãy kiểm tra tiêu đề, đường dẫn và nội dung gửi lên.",
        "The server could not read the request. Check its headers, its path and its body.";
    InvalidBody = "invalid_body", 422,
        "Nội dung gửi lên chưa đúng quy định", "The body does not fit its schema",
        "Mỗi mục trong `errors` chỉ ra vị trí (con trỏ JSON) và lý do của một lỗi; tất cả lỗi được báo cùng một lần.",
        "Each entry of `errors` names the place (a JSON pointer) and the reason of one fault; all are told at once.";
    InvalidQuery = "invalid_query", 422,
        "Tham số truy vấn không hợp lệ", "The query string does not fit",
        "Mỗi mục trong `errors` chỉ ra một tham số sai theo dạng `/query/<tên tham số>`. Tham số lạ không được chấp nhận.",
        "Each entry of `errors` names one wrong parameter as `/query/<name>`. Unknown parameters are refused.";
    NotFound = "not_found", 404,
        "Không tìm thấy", "Not found",
        "Không có đối tượng nào ở địa chỉ này, hoặc người gọi không được biết là nó tồn tại.",
        "There is nothing at this address, or the caller may not know that there is.";
    MethodNotAllowed = "method_not_allowed", 405,
        "Phương thức không được hỗ trợ", "The method is not allowed here",
        "Địa chỉ này có tồn tại nhưng không nhận phương thức đã dùng; tiêu đề `Allow` liệt kê các phương thức được nhận.",
        "The address exists but does not take this method; the `Allow` header lists those it takes.";
    NotAcceptable = "not_acceptable", 406,
        "Không có định dạng phù hợp", "No acceptable format",
        "Không có định dạng nào trong tiêu đề `Accept` mà địa chỉ này trả về được.",
        "None of the formats in the `Accept` header can be given at this address.";
    PayloadTooLarge = "payload_too_large", 413,
        "Nội dung gửi lên quá lớn", "The body is too large",
        "Nội dung vượt quá dung lượng cho phép; giới hạn được nêu trong `detail`.",
        "The body exceeds the size allowed; `detail` names the limit.";
    UnsupportedMediaType = "unsupported_media_type", 415,
        "Loại nội dung không được hỗ trợ", "The content type is not supported",
        "Hãy gửi nội dung với `Content-Type: application/json`, mã hóa UTF-8, không nén (trừ khi tài liệu ghi khác).",
        "Send the body with `Content-Type: application/json`, in UTF-8 and uncompressed (unless documented otherwise).";
    TooManyItems = "too_many_items", 422,
        "Quá nhiều phần tử", "Too many items",
        "Số phần tử trong danh sách vượt quá giới hạn của thao tác này. Hãy chia thành nhiều lần gửi.",
        "The list holds more items than this operation takes. Split it over several requests.";
    RateLimited = "rate_limited", 429,
        "Gửi yêu cầu quá nhanh", "Too many requests",
        "Hãy chờ số giây ghi ở tiêu đề `Retry-After` rồi gửi lại.",
        "Wait for the seconds named in `Retry-After` and try again.";

    // The server.
    Timeout = "timeout", 503,
        "Quá thời gian xử lý", "The request took too long",
        "Máy chủ không xử lý xong trong thời hạn. Gửi lại với cùng `Idempotency-Key` là an toàn.",
        "The server did not finish in time. Trying again with the same `Idempotency-Key` is safe.";
    Busy = "busy", 503,
        "Hệ thống đang bận", "The system is busy",
        "Hệ thống tạm thời quá tải. Gửi lại sau ít giây với cùng `Idempotency-Key` là an toàn.",
        "The system is overloaded for the moment. Trying again shortly with the same `Idempotency-Key` is safe.";
    InternalError = "internal_error", 500,
        "Lỗi hệ thống", "Internal error",
        "Lỗi thuộc về máy chủ và đã được ghi nhận. Khi liên hệ hỗ trợ, hãy cung cấp `request_id`.",
        "The fault is the server's and has been logged. Quote `request_id` when you ask for help.";
    FiguresInconsistent = "figures_inconsistent", 500,
        "Số liệu không khớp", "The figures do not add up",
        "Một dòng số liệu không thỏa mãn phép cân đối nên không được công bố; `detail` nêu dòng đó.",
        "A row of the figures breaks the identity they must satisfy, so it is not given out; `detail` names it.";

    PeriodNotEnded = "period_not_ended", 409,
        "Kỳ báo cáo chưa kết thúc", "The period has not ended",
        "Chỉ chốt được số liệu của kỳ đã qua hết; `to` là ngày sớm nhất có thể chốt.",
        "Only figures of a period that is over can be closed; `to` is the first day on which they can.";
    PeriodClosed = "period_closed", 409,
        "Kỳ báo cáo đã chốt", "The period is closed",
        "Số liệu của kỳ đã chốt và ký. Muốn chốt lại, cơ quan cấp trên phải trả lại (`return`) kèm lý do.",
        "Its figures are frozen and signed. To close it anew, the agency above must first give it back (`return`) with a reason.";

    // Who calls.
    Unauthenticated = "unauthenticated", 401,
        "Chưa đăng nhập", "Not signed in",
        "Hãy lấy mã truy cập tại `/api/v1/auth/token` và gửi trong tiêu đề `Authorization: Bearer …`.",
        "Get an access token at `/api/v1/auth/token` and send it as `Authorization: Bearer …`.";
    InvalidToken = "invalid_token", 401,
        "Mã truy cập không hợp lệ hoặc đã hết hạn", "The access token is invalid or has expired",
        "Hãy làm mới mã truy cập hoặc đăng nhập lại.",
        "Refresh the access token or sign in again.";
    Forbidden = "forbidden", 403,
        "Không có quyền thực hiện", "Not permitted",
        "Tài khoản được xem đối tượng này nhưng không được thực hiện thao tác.",
        "The account may see this, but may not do this with it.";
    WrongRole = "wrong_role", 403,
        "Vai trò không phù hợp", "The role does not allow this",
        "Thao tác này dành cho vai trò khác; tài liệu liệt kê vai trò của từng thao tác ở `x-roles`.",
        "This operation is for other roles; the document lists them under `x-roles`.";
    PasswordChangeRequired = "password_change_required", 403,
        "Phải đổi mật khẩu trước", "The password must be changed first",
        "Mật khẩu do người khác cấp. Hãy đổi tại `/api/v1/me/password` rồi đăng nhập lại.",
        "The password was given by somebody else. Change it at `/api/v1/me/password` and sign in again.";
    WrongParty = "wrong_party", 403,
        "Không phải đơn vị có thẩm quyền ở bước này", "It is another party's turn",
        "Thao tác thuộc về đơn vị khác (đơn vị đang giữ hồ sơ, đơn vị nhận phiếu bàn giao hoặc đơn vị tiếp nhận).",
        "The operation belongs to another agency (the holder, the addressee of the slip, or the receiving agency).";
    NotDelegated = "not_delegated", 403,
        "Chưa được ủy quyền tiếp nhận", "Not delegated",
        "Bưu cục chưa được giao tiếp nhận thủ tục này cho cơ quan này vào ngày đó.",
        "The post office has no delegation for this procedure, agency and day.";
    AgencyOutOfReach = "agency_out_of_reach", 403,
        "Cơ quan ngoài phạm vi quản lý", "The agency is out of reach",
        "Cơ quan được nêu không thuộc phạm vi của tài khoản.",
        "The agency named lies outside what the account may act for or look at.";
    FilterNotAllowed = "filter_not_allowed", 403,
        "Không được lọc hoặc sắp xếp theo trường này", "This filter is not allowed",
        "Người chỉ được xem trường dữ liệu ở dạng che bớt thì không được lọc hoặc sắp xếp theo trường đó.",
        "Whoever sees a field only masked can neither filter nor sort by it.";
    ApprovalRequired = "approval_required", 403,
        "Cần lãnh đạo phê duyệt", "A leader's approval is required",
        "Thủ tục quy định lãnh đạo phê duyệt kết quả. Hãy trình (`propose`) để lãnh đạo giải quyết.",
        "The procedure wants a leader to approve the result. Propose it; a leader then resolves it.";

    // Repeating and concurrency.
    InvalidIdempotencyKey = "invalid_idempotency_key", 400,
        "`Idempotency-Key` không hợp lệ", "The `Idempotency-Key` is not valid",
        "Khóa gồm từ 1 đến 255 ký tự ASCII nhìn thấy được, chỉ gửi một lần trong yêu cầu.",
        "The key is 1 to 255 visible ASCII characters and is sent once.";
    IdempotencyKeyReused = "idempotency_key_reused", 422,
        "`Idempotency-Key` đã dùng cho yêu cầu khác", "The `Idempotency-Key` was used for another request",
        "Cùng một khóa chỉ được gửi lại với cùng thao tác và cùng nội dung. Yêu cầu mới phải dùng khóa mới.",
        "A key may only be repeated with the same operation and the same body. A new request needs a new key.";
    StaleVersion = "stale_version", 412,
        "Dữ liệu đã được người khác thay đổi", "The resource has changed since",
        "Phiên bản trong `If-Match` không còn là phiên bản hiện tại. Hãy đọc lại rồi thực hiện lại.",
        "The version in `If-Match` is no longer the current one. Read again and decide again.";
    PreconditionRequired = "precondition_required", 428,
        "Thiếu điều kiện `If-Match`", "`If-Match` is required",
        "Thao tác này cần tiêu đề `If-Match` với `ETag` đã đọc, để không ghi đè thay đổi của người khác.",
        "This operation needs `If-Match` with the `ETag` that was read, so that nobody's change is overwritten.";
    Conflict = "conflict", 409,
        "Xung đột với dữ liệu hiện có", "Conflict with what exists",
        "Trạng thái hiện tại không cho phép thao tác này; `detail` nêu lý do.",
        "The current state does not allow this; `detail` says why.";
    CursorInvalid = "cursor_invalid", 422,
        "Con trỏ trang không hợp lệ", "The cursor is not valid",
        "`cursor` phải lấy nguyên từ `next_cursor` của cùng danh sách với cùng bộ lọc và thứ tự.",
        "`cursor` must be taken as it is from `next_cursor` of the same list with the same filters and order.";

    // Single fields.
    Required = "required", 422,
        "Thiếu thông tin bắt buộc", "A required field is missing",
        "Trường này phải có trong yêu cầu.", "This field must be there.";
    UnknownField = "unknown_field", 422,
        "Trường không được biết đến", "Unknown field",
        "Yêu cầu có trường hoặc tham số không có trong tài liệu; hãy kiểm tra chính tả.",
        "The request has a field or parameter that is not in the document; check its spelling.";
    ReadOnlyField = "read_only_field", 422,
        "Trường chỉ đọc", "The field is read-only",
        "Trường này do hệ thống đặt và không được gửi lên.", "This field is set by the system and cannot be sent.";
    WrongType = "wrong_type", 422,
        "Sai kiểu dữ liệu", "Wrong type",
        "Giá trị không đúng kiểu (chuỗi, số, đúng/sai, danh sách, đối tượng) mà tài liệu quy định.",
        "The value is not of the type (string, number, boolean, list, object) that the document names.";
    TooLong = "too_long", 422,
        "Quá dài", "Too long",
        "Giá trị dài hơn số ký tự cho phép.", "The value has more characters than allowed.";
    TooShort = "too_short", 422,
        "Quá ngắn", "Too short",
        "Giá trị ngắn hơn số ký tự tối thiểu.", "The value has fewer characters than required.";
    TooFewItems = "too_few_items", 422,
        "Quá ít phần tử", "Too few items",
        "Danh sách có ít phần tử hơn mức tối thiểu.", "The list has fewer items than required.";
    OutOfRange = "out_of_range", 422,
        "Ngoài khoảng cho phép", "Out of range",
        "Giá trị nhỏ hơn mức tối thiểu hoặc lớn hơn mức tối đa.", "The value lies below the least or above the most allowed.";
    InvalidFormat = "invalid_format", 422,
        "Sai định dạng", "Wrong format",
        "Giá trị không đúng định dạng quy định (ngày, thời điểm, mã, địa chỉ thư điện tử …).",
        "The value is not of the format required (date, time, code, e-mail address …).";
    NotOneOf = "not_one_of", 422,
        "Giá trị không nằm trong danh mục", "Not one of the allowed values",
        "Giá trị phải là một trong các giá trị được liệt kê.", "The value must be one of those listed.";
    Duplicate = "duplicate", 422,
        "Trùng lặp", "Duplicate",
        "Giá trị này xuất hiện nhiều hơn một lần.", "This value stands there more than once.";
    InvalidValue = "invalid_value", 422,
        "Giá trị không hợp lệ", "Invalid value",
        "Giá trị không được chấp nhận; `detail` nêu lý do.", "The value cannot be accepted; `detail` says why.";
    WrongPassword = "wrong_password", 422,
        "Mật khẩu hiện tại không đúng", "The current password is wrong",
        "Phải nêu đúng mật khẩu đang dùng để đổi mật khẩu.", "The password in use must be given to change it.";
    WeakPassword = "weak_password", 422,
        "Mật khẩu dễ đoán", "The password is easy to guess",
        "Mật khẩu thông dụng, chỉ gồm chữ số, chứa tên đăng nhập, hoặc trùng mật khẩu cũ. Một câu dài thì tốt hơn.",
        "It is a common one, a number only, has the user name in it, or is the old one. A long phrase is better.";
    InvalidIdentityNumber = "invalid_identity_number", 422,
        "Số định danh không hợp lệ", "The identity number is not valid",
        "Số định danh cá nhân có 12 chữ số (số chứng minh nhân dân cũ có 9 chữ số).",
        "A personal identity number has 12 digits (an old identity card 9).";
    InvalidPhone = "invalid_phone", 422,
        "Số điện thoại không hợp lệ", "The phone number is not valid",
        "Hãy ghi theo dạng quốc tế `+84901234567` hoặc trong nước `0901234567`.",
        "Write it internationally as `+84901234567` or nationally as `0901234567`.";
    InvalidTrackingCode = "invalid_tracking_code", 422,
        "Số hiệu bưu gửi không hợp lệ", "The tracking code is not valid",
        "Số hiệu bưu gửi theo chuẩn UPU S10 gồm 13 ký tự, chữ số kiểm tra phải đúng.",
        "Tracking codes follow UPU S10: 13 characters with a right check digit.";
    InTheFuture = "in_the_future", 422,
        "Thời điểm ở tương lai", "The time lies in the future",
        "Sự việc được ghi nhận không thể xảy ra sau thời điểm hiện tại.", "What is recorded cannot happen after now.";
    TooFarBack = "too_far_back", 422,
        "Thời điểm quá xa trong quá khứ", "The time lies too far back",
        "Hồ sơ nhập muộn chỉ được lùi tối đa ba ngày làm việc.", "A late entry may lie at most three working days back.";
    ReasonRequired = "reason_required", 422,
        "Phải nêu lý do", "A reason is required",
        "Thao tác này phải có `reason`; lý do được ghi vào lịch sử hồ sơ.",
        "This operation needs a `reason`; it is kept in the history.";
    LateEntryReasonRequired = "late_entry_reason_required", 422,
        "Phải nêu lý do nhập muộn", "A reason for the late entry is required",
        "Khi thời điểm tiếp nhận ở quá khứ, phải ghi `late_entry_reason`.",
        "When the time of receipt lies back, `late_entry_reason` must say why.";

    // Catalogue and calendar.
    UnknownAgency = "unknown_agency", 422,
        "Không có cơ quan này", "Unknown agency",
        "Mã cơ quan không có trong danh mục.", "The catalogue has no agency with this code.";
    AgencyClosed = "agency_closed", 422,
        "Cơ quan không còn hoặc chưa hoạt động", "The agency is not in force",
        "Cơ quan không có hiệu lực vào ngày đó; `detail` nêu đơn vị kế thừa nếu có.",
        "The agency is not in force on that day; `detail` names its successor if there is one.";
    WrongLevel = "wrong_level", 422,
        "Cơ quan không đúng cấp", "The agency is of the wrong level",
        "Thủ tục không được tiếp nhận hoặc giải quyết ở cấp của cơ quan này.",
        "The procedure is not taken in or decided at the level of this agency.";
    UnknownProcedure = "unknown_procedure", 422,
        "Không có thủ tục hành chính này", "Unknown procedure",
        "Mã thủ tục không có trong danh mục.", "The catalogue has no procedure with this code.";
    ProcedureNotInForce = "procedure_not_in_force", 422,
        "Thủ tục không có hiệu lực", "The procedure is not in force",
        "Thủ tục không có phiên bản đã công bố có hiệu lực vào ngày đó.",
        "The procedure has no published version in force on that day.";
    VersionPublished = "version_published", 409,
        "Phiên bản đã công bố không được sửa", "A published version never changes",
        "Hãy tạo phiên bản mới của thủ tục.", "Make a new version of the procedure.";
    InvalidRoute = "invalid_route", 422,
        "Quy trình luân chuyển không hợp lệ", "The route is not valid",
        "Các bước phải có mã riêng, cơ quan xác định được, và đường dài nhất không vượt thời hạn giải quyết.",
        "Steps need keys of their own and agencies that exist, and the longest path must fit the time limit.";
    CalendarMissing = "calendar_missing", 422,
        "Chưa có lịch nghỉ của năm", "The year has no calendar",
        "Chưa ban hành lịch nghỉ lễ của năm cần tính nên không tính được hạn.",
        "The holidays of a year that is needed are not entered, so no due date can be computed.";

    // Dossiers.
    MissingComponent = "missing_component", 422,
        "Thiếu thành phần hồ sơ", "A component is missing",
        "Thành phần bắt buộc của thủ tục chưa có trong hồ sơ.", "A component that the procedure requires is not there.";
    UnknownComponent = "unknown_component", 422,
        "Thành phần hồ sơ không có trong thủ tục", "Unknown component",
        "Không được yêu cầu giấy tờ ngoài danh mục của thủ tục.",
        "Papers outside the procedure's list can be neither asked for nor recorded.";
    DuplicateComponent = "duplicate_component", 422,
        "Thành phần hồ sơ bị trùng", "A component stands there twice",
        "Mỗi thành phần chỉ ghi một lần, số lượng ghi ở `originals` và `copies`.",
        "Each component is listed once, with its numbers of originals and copies.";
    TransitionNotAllowed = "transition_not_allowed", 409,
        "Không thực hiện được ở trạng thái hiện tại", "Not possible from this state",
        "Trạng thái hồ sơ không cho phép thao tác; `allowed_transitions` liệt kê các thao tác được phép.",
        "The dossier's state does not allow this action; `allowed_transitions` lists those it allows.";
    ClockNotStarted = "clock_not_started", 409,
        "Chưa bắt đầu tính thời hạn", "The clock has not started",
        "Thời hạn giải quyết chỉ tính từ khi hồ sơ được tiếp nhận.",
        "The time limit only runs from the receipt of the dossier.";
    LegsOpen = "legs_open", 409,
        "Còn bước phối hợp chưa xong", "Legs are still open",
        "Các cơ quan phối hợp chưa hoàn thành phần việc; hãy chờ hoặc khép các bước đó trước.",
        "Cooperating agencies have not finished; wait for them or close their legs first.";
    OnOpenManifest = "on_open_manifest", 409,
        "Hồ sơ đang nằm trên bảng kê chưa đóng", "On an open manifest",
        "Hồ sơ hoặc bưu gửi đang ở trên một bảng kê chưa nhận xong.",
        "The dossier or shipment stands on a manifest that is not accepted yet.";
    AlreadyExtended = "already_extended", 409,
        "Đã gia hạn một lần", "Extended once already",
        "Thời hạn giải quyết chỉ được gia hạn một lần.", "A time limit can be extended only once.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_name_and_an_error_status() {
        for (at, code) in Code::ALL.iter().enumerate() {
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{}", code.name());
            assert_eq!(Code::ALL.iter().position(|other| other.name() == code.name()), Some(at));
            assert!(code.name().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", code.name());
            assert_eq!(Code::by_name(code.name()), Some(*code));
        }
    }
}
