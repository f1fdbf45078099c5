//! The words for every code that answers show, in Vietnamese and English, for screens and forms.
//!
//! One table, so that a translator finds all of it in one place. The codes belong to the enums of their capabilities,
//! most of which stand above this one; `tests/labels.rs` holds the table against them, so that a new variant without
//! words fails. Words follow the national portal and Decree 61/2018 where these have them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::types::text_enum;

/// A code and its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"code": "received", "vi": "Đã tiếp nhận", "en": "Received"}))]
pub struct Label {
    /// The code.
    pub code: &'static str,
    /// In Vietnamese.
    pub vi: &'static str,
    /// In English.
    pub en: &'static str,
}

/// What a group of codes is about, with its labels.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "group": "outcome", "labels": [{"code": "early", "vi": "Trước hạn", "en": "Early"}]
}))]
pub struct GroupView {
    /// The group.
    pub group: LabelGroup,
    /// Its labels, in their usual order.
    #[schema(value_type = Vec<Label>)]
    pub labels: &'static [Label],
}

/// All labels.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"items": [{
    "group": "outcome",
    "labels": [
        {"code": "early", "vi": "Trước hạn", "en": "Early"},
        {"code": "on_time", "vi": "Đúng hạn", "en": "On time"},
        {"code": "late", "vi": "Quá hạn", "en": "Late"}
    ]
}]}))]
pub struct LabelsView {
    /// Group by group.
    pub items: Vec<GroupView>,
}

/// Which labels are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListLabels {
    /// Only those of this group.
    #[param(inline)]
    group: Option<LabelGroup>,
}

/// The labels that are wanted.
pub(super) fn labels(wanted: &ListLabels) -> LabelsView {
    let groups = LabelGroup::ALL.iter().filter(|group| wanted.group.is_none_or(|wanted| wanted == **group));
    LabelsView { items: groups.map(|group| GroupView { group: *group, labels: group.labels() }).collect() }
}

/// The words of a code.
#[must_use]
pub fn label_of(group: LabelGroup, code: &str) -> Option<&'static Label> {
    group.labels().iter().find(|label| label.code == code)
}

/// Declares the groups, each with its rows `code, Vietnamese, English`.
macro_rules! groups {
    ($($(#[$doc:meta])* $group:ident = $name:literal { $($code:literal, $vi:literal, $en:literal;)+ })+) => {
        text_enum! {
            /// What a group of codes is about.
            pub enum LabelGroup {
                $($(#[$doc])* $group = $name,)+
            }
        }

        impl LabelGroup {
            /// Its labels, in their usual order.
            #[must_use]
            pub const fn labels(self) -> &'static [Label] {
                match self {
                    $(Self::$group => &[$(Label { code: $code, vi: $vi, en: $en }),+],)+
                }
            }
        }
    };
}

groups! {
    /// Where a dossier stands.
    Status = "status" {
        "submitted", "Mới nộp, chờ tiếp nhận", "Submitted";
        "received", "Đã tiếp nhận", "Received";
        "declined", "Không tiếp nhận", "Declined";
        "in_transfer", "Đang chuyển", "In transfer";
        "processing", "Đang xử lý", "In process";
        "awaiting_supplement", "Chờ bổ sung hồ sơ", "Awaiting papers";
        "awaiting_payment", "Chờ thực hiện nghĩa vụ tài chính", "Awaiting payment";
        "withdrawal_requested", "Công dân yêu cầu rút hồ sơ", "Withdrawal requested";
        "withdrawn", "Đã rút hồ sơ", "Withdrawn";
        "stopped", "Dừng xử lý", "Stopped";
        "resolved", "Đã có kết quả", "Resolved";
        "returned", "Đã trả kết quả", "Result returned";
    }
    /// The national portal's number for where a dossier stands.
    NationalStatus = "national_status" {
        "1", "Mới đăng ký", "Registered";
        "2", "Được tiếp nhận", "Received";
        "3", "Không được tiếp nhận", "Not accepted";
        "4", "Đang xử lý", "In process";
        "5", "Yêu cầu bổ sung giấy tờ", "Papers requested";
        "6", "Yêu cầu thực hiện nghĩa vụ tài chính", "Payment requested";
        "7", "Công dân yêu cầu rút hồ sơ", "Withdrawal requested";
        "8", "Dừng xử lý", "Stopped";
        "9", "Đã xử lý xong", "Resolved";
        "10", "Đã trả kết quả", "Result returned";
    }
    /// What was done to a dossier.
    Action = "action" {
        "submit", "Nộp hồ sơ", "Submit";
        "ask_completion", "Hướng dẫn hoàn thiện", "Ask for completion";
        "accept", "Tiếp nhận", "Accept";
        "decline", "Từ chối tiếp nhận", "Decline";
        "request_withdrawal", "Yêu cầu rút hồ sơ", "Request withdrawal";
        "withdraw", "Cho rút hồ sơ", "Withdraw";
        "keep", "Giữ lại xử lý tiếp", "Keep";
        "start", "Bắt đầu xử lý", "Start";
        "assign", "Phân công", "Assign";
        "forward", "Chuyển hồ sơ", "Forward";
        "recall", "Thu hồi phiếu chuyển", "Recall";
        "acknowledge", "Nhận bàn giao", "Acknowledge";
        "send_back", "Chuyển trả", "Send back";
        "open_leg", "Mở bước phối hợp", "Open a leg";
        "finish_leg", "Hoàn thành bước phối hợp", "Finish a leg";
        "request_supplement", "Yêu cầu bổ sung", "Request papers";
        "supplement", "Nhận bổ sung", "Supplement";
        "request_payment", "Yêu cầu nộp nghĩa vụ tài chính", "Request payment";
        "confirm_payment", "Xác nhận đã nộp", "Confirm payment";
        "propose", "Trình kết quả", "Propose";
        "extend", "Gia hạn", "Extend";
        "resolve", "Giải quyết", "Resolve";
        "replace_result", "Thay kết quả", "Replace the result";
        "return_result", "Trả kết quả", "Return the result";
        "hand_back", "Trả lại giấy tờ", "Hand the papers back";
        "correct", "Đính chính", "Correct";
        "stop", "Dừng xử lý", "Stop";
        "refuse_transfer", "Từ chối nhận bàn giao", "Refuse a transfer";
        "handoff", "Bàn giao với bưu điện", "Hand over with the post";
        "recompute", "Tính lại hạn trả", "Recompute the due date";
        "escalate", "Nhắc hạn", "Escalate";
    }
    /// How a dossier came in.
    Channel = "channel" {
        "counter", "Trực tiếp", "At the counter";
        "online", "Trực tuyến", "Online";
        "postal", "Qua dịch vụ bưu chính", "By post";
        "post_office", "Tại bưu cục", "At a post office";
        "at_home", "Tại nhà", "At home";
    }
    /// How a dossier was judged.
    Outcome = "outcome" {
        "early", "Trước hạn", "Early";
        "on_time", "Đúng hạn", "On time";
        "late", "Quá hạn", "Late";
    }
    /// What is noticed about a dossier.
    Mark = "mark" {
        "late_entry", "Nhập muộn", "Entered late";
        "completion_asked", "Đã hướng dẫn hoàn thiện", "Completion was asked for";
        "second_supplement", "Yêu cầu bổ sung lần hai", "Second request for papers";
        "late_supplement_request", "Yêu cầu bổ sung sau 3 ngày làm việc", "Papers asked for after 3 working days";
        "late_extension", "Gia hạn sát hạn", "Extension asked for late";
        "pause_on_due_day", "Tạm dừng vào ngày hẹn trả", "Paused on the due day";
        "pause_after_due", "Tạm dừng sau khi quá hạn", "Paused after the due date";
        "extension_after_due", "Gia hạn sau khi quá hạn", "Extended after the due date";
        "result_outside_hours", "Có kết quả ngoài giờ làm việc", "Result outside office hours";
        "missing_papers", "Thiếu giấy tờ khi bàn giao", "Papers missing on arrival";
        "transfer_refused", "Bị từ chối nhận bàn giao", "Transfer refused";
        "damaged_papers", "Giấy tờ bị hư hỏng", "Papers damaged";
        "result_replaced", "Kết quả đã được thay", "Result replaced";
        "corrected", "Đã đính chính", "Corrected";
        "made_up", "Dữ liệu mẫu", "Made up";
    }
    /// What an account is trusted with.
    Role = "role" {
        "admin", "Quản trị viên", "Administrator";
        "clerk", "Cán bộ một cửa", "One-stop clerk";
        "officer", "Chuyên viên", "Officer";
        "leader", "Lãnh đạo", "Leader";
        "post_clerk", "Nhân viên bưu điện", "Post clerk";
        "inspector", "Thanh tra, kiểm tra", "Inspector";
        "integration", "Hệ thống kết nối", "Integration";
    }
    /// The result of a dossier.
    Result = "result" {
        "granted", "Chấp thuận", "Granted";
        "refused", "Từ chối", "Refused";
    }
    /// How a dossier's time ended.
    Ended = "ended" {
        "resolved", "Đã giải quyết", "Resolved";
        "withdrawn", "Đã rút", "Withdrawn";
        "stopped", "Dừng xử lý", "Stopped";
    }
    /// How a result is returned.
    ReturnBy = "return_by" {
        "counter", "Trực tiếp", "At the counter";
        "postal", "Qua dịch vụ bưu chính", "By post";
        "online", "Trực tuyến", "Online";
        "at_home", "Tại nhà", "At home";
    }
    /// Who applies.
    ApplicantKind = "applicant_kind" {
        "person", "Cá nhân", "Person";
        "organization", "Tổ chức", "Organization";
    }
    /// Which decree counts.
    RuleSet = "rule_set" {
        "nd61", "Nghị định 61/2018/NĐ-CP", "Decree 61/2018";
        "nd118", "Nghị định 118/2025/NĐ-CP", "Decree 118/2025";
    }
    /// How much of a dossier is shown.
    View = "view" {
        "row", "Thông tin chung", "Row";
        "masked", "Đã che số định danh", "Masked";
        "full", "Đầy đủ", "Full";
    }
    /// The state of a leg of the route.
    LegState = "leg_state" {
        "waiting", "Chưa đến lượt", "Waiting";
        "open", "Đang thực hiện", "Open";
        "done", "Đã xong", "Done";
    }
    /// What a slip between agencies is for.
    TransferKind = "transfer_kind" {
        "forward", "Chuyển tiếp", "Forward";
        "send_back", "Chuyển trả", "Sent back";
        "home", "Trả về nơi tiếp nhận", "Home";
    }
    /// The state of a slip between agencies.
    TransferState = "transfer_state" {
        "sent", "Đã gửi", "Sent";
        "acknowledged", "Đã nhận", "Acknowledged";
        "recalled", "Đã thu hồi", "Recalled";
    }
    /// The state of a line of a slip.
    TransferLineState = "transfer_line_state" {
        "sent", "Đã gửi", "Sent";
        "received", "Đã nhận", "Received";
        "missing", "Thiếu", "Missing";
        "refused", "Từ chối nhận", "Refused";
        "recalled", "Đã thu hồi", "Recalled";
    }
    /// Who has the papers.
    CustodyParty = "custody_party" {
        "agency", "Cơ quan", "Agency";
        "post_office", "Bưu cục", "Post office";
        "citizen", "Công dân", "Citizen";
    }
    /// Which way a manifest or shipment goes.
    PostalDirection = "postal_direction" {
        "to_post", "Giao cho bưu điện", "To the post";
        "from_post", "Nhận từ bưu điện", "From the post";
    }
    /// The state of a manifest.
    HandoffState = "handoff_state" {
        "draft", "Đang lập", "Draft";
        "dispatched", "Đã giao", "Dispatched";
        "accepted", "Đã nhận", "Accepted";
        "cancelled", "Đã hủy", "Cancelled";
    }
    /// The state of a line of a manifest.
    HandoffLineState = "handoff_line_state" {
        "listed", "Trong bảng kê", "Listed";
        "accepted", "Đã nhận", "Accepted";
        "missing", "Thiếu", "Missing";
        "damaged", "Hư hỏng", "Damaged";
        "cancelled", "Đã hủy", "Cancelled";
    }
    /// The state of a shipment.
    ShipmentState = "shipment_state" {
        "booked", "Đã đặt", "Booked";
        "manifested", "Đã vào bảng kê", "On a manifest";
        "accepted", "Bưu điện đã nhận", "Accepted";
        "in_transit", "Đang vận chuyển", "In transit";
        "out_for_delivery", "Đang phát", "Out for delivery";
        "delivered", "Phát thành công", "Delivered";
        "attempt_failed", "Phát không thành công", "Attempt failed";
        "held_at_office", "Lưu tại bưu cục", "Held at the office";
        "returning", "Đang chuyển hoàn", "Returning";
        "returned", "Đã chuyển hoàn", "Returned";
        "lost", "Thất lạc", "Lost";
        "damaged", "Hư hỏng", "Damaged";
        "cancelled", "Đã hủy", "Cancelled";
    }
    /// What sort of agency it is.
    AgencyKind = "agency_kind" {
        "province", "Cấp tỉnh", "Province";
        "district", "Cấp huyện", "District";
        "commune", "Cấp xã", "Commune";
        "department", "Cơ quan chuyên môn", "Department";
        "post_office", "Bưu điện", "Post office";
        "external", "Cơ quan ngành dọc", "Agency of another branch";
    }
    /// What a time limit counts.
    LimitUnit = "limit_unit" {
        "working_days", "ngày làm việc", "working days";
        "working_hours", "giờ làm việc", "working hours";
        "calendar_days", "ngày", "days";
        "same_day", "trong ngày", "the same day";
    }
    /// How much of a procedure can be done online.
    OnlineLevel = "online_level" {
        "none", "Không trực tuyến", "Not online";
        "partial", "Trực tuyến một phần", "Partly online";
        "full", "Trực tuyến toàn trình", "Fully online";
    }
    /// What a fee is counted by.
    FeePer = "fee_per" {
        "dossier", "hồ sơ", "dossier";
        "copy", "bản", "copy";
        "page", "trang", "page";
    }
    /// Who decides on a result.
    Approval = "approval" {
        "officer", "Chuyên viên", "Officer";
        "leader", "Lãnh đạo phê duyệt", "Leader";
    }
    /// What the end of a supplement does to the time limit.
    SupplementClock = "supplement_clock" {
        "restart", "Tính lại từ đầu", "Starts again";
        "resume", "Tính tiếp", "Goes on";
    }
    /// How sure a date of the calendar is.
    Certainty = "certainty" {
        "certain", "Chắc chắn", "Certain";
        "likely", "Có khả năng", "Likely";
        "estimate", "Ước tính", "Estimate";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::Role,
        agencies::Kind,
        calendar::LimitUnit,
        procedures::{Approval, FeePer, OnlineLevel, SupplementClock},
    };

    fn codes(group: LabelGroup) -> Vec<&'static str> {
        group.labels().iter().map(|label| label.code).collect()
    }

    #[test]
    fn every_variant_has_its_words() {
        let words = |all: &[&'static str], group: LabelGroup| assert_eq!(codes(group), all, "{group}");
        words(&Kind::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>(), LabelGroup::AgencyKind);
        words(&Role::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>(), LabelGroup::Role);
        words(&LimitUnit::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>(), LabelGroup::LimitUnit);
        words(&OnlineLevel::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>(), LabelGroup::OnlineLevel);
        words(&FeePer::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>(), LabelGroup::FeePer);
        words(&Approval::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>(), LabelGroup::Approval);
        words(
            &SupplementClock::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
            LabelGroup::SupplementClock,
        );
    }

    #[test]
    fn no_code_stands_twice_in_a_group() {
        for group in LabelGroup::ALL {
            let codes = codes(*group);
            let once: std::collections::HashSet<_> = codes.iter().collect();
            assert_eq!(once.len(), codes.len(), "{group}");
        }
    }
}
