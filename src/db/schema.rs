//! The tables, as both engines have them: column names and types for the query builder. Written beside the
//! migrations, and compared with both databases by a test.

/// A table of figures: columns of its own, then what is counted, in the order of `statistics::Figures`, and its control.
macro_rules! with_figures {
    ($table:ident ($($key:ident),+) { $($column:ident -> $kind:ident,)+ }) => {
        diesel::table! {
            use crate::db::types::sql::*;
            $table ($($key),+) {
                $($column -> $kind,)+
                received -> Integer,
                early -> Integer,
                on_time -> Integer,
                late -> Integer,
                withdrawn -> Integer,
                stopped -> Integer,
                moved -> Integer,
                open -> Integer,
                overdue -> Integer,
                paused -> Integer,
                submitted -> Integer,
                declined -> Integer,
                waiting -> Integer,
                waiting_late -> Integer,
                control -> BigInt,
            }
        }
    };
}

diesel::table! {
    use crate::db::types::sql::*;
    revisions (name) {
        name -> Text,
        revision -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    idempotency (key_hash) {
        key_hash -> Text,
        request_hash -> Text,
        status -> Nullable<Integer>,
        answer -> Nullable<Binary>,
        created_at -> InstantSql,
        expires_at -> InstantSql,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    agencies (id) {
        id -> BigInt,
        code -> Text,
        official -> Bool,
        name -> Text,
        kind -> Text,
        function -> Nullable<Text>,
        parent_id -> Nullable<BigInt>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        hotline -> Nullable<Text>,
        email -> Nullable<Text>,
        address -> Nullable<Text>,
        gso_code -> Nullable<Text>,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        after_cutoff_counts_next_day -> Bool,
        version -> BigInt,
        successor_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    agency_closure (ancestor_id, descendant_id) {
        ancestor_id -> BigInt,
        descendant_id -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    working_hours (agency_id, effective_from) {
        agency_id -> BigInt,
        effective_from -> Date,
        hours -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    accounts (id) {
        id -> BigInt,
        public_id -> Text,
        username -> Text,
        full_name -> Nullable<Text>,
        password_hash -> Text,
        agency_id -> BigInt,
        roles -> Text,
        is_active -> Bool,
        must_change_password -> Bool,
        version -> BigInt,
        created_at -> InstantSql,
        generation -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    absences (account_id) {
        account_id -> BigInt,
        deputy_id -> BigInt,
        from_at -> InstantSql,
        until_at -> InstantSql,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    clients (id) {
        id -> BigInt,
        public_id -> Text,
        client_id -> Text,
        secret_hash -> Text,
        agency_id -> BigInt,
        scopes -> Text,
        is_active -> Bool,
        version -> BigInt,
        created_at -> InstantSql,
        generation -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    refresh_tokens (token_hash) {
        token_hash -> Text,
        family -> Text,
        account_id -> BigInt,
        issued_at -> InstantSql,
        expires_at -> InstantSql,
        used_at -> Nullable<InstantSql>,
        generation -> BigInt,
        by_provider -> Bool,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    revoked_tokens (subject) {
        subject -> Text,
        revoked_at -> InstantSql,
        expires_at -> InstantSql,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    sign_in_attempts (subject) {
        subject -> Text,
        failures -> Integer,
        last_at -> InstantSql,
        open_at -> InstantSql,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    calendars (id) {
        id -> BigInt,
        agency_id -> Nullable<BigInt>,
        year -> Integer,
        days -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    fields (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    procedures (id) {
        id -> BigInt,
        code -> Text,
        field_id -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    procedure_versions (id) {
        id -> BigInt,
        procedure_id -> BigInt,
        version -> Integer,
        state -> Text,
        content -> Text,
        effective_from -> Date,
        effective_to -> Nullable<Date>,
        published_at -> Nullable<InstantSql>,
        row_version -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    numbers (agency_id, day, series) {
        agency_id -> BigInt,
        day -> Date,
        series -> Text,
        last -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    dossiers (id) {
        id -> BigInt,
        public_id -> Text,
        code -> Nullable<Text>,
        reference -> Nullable<Text>,
        status -> Text,
        status_before -> Nullable<Text>,
        status_kept -> Nullable<Text>,
        procedure_id -> BigInt,
        procedure_version_id -> BigInt,
        agency_id -> BigInt,
        competent_id -> BigInt,
        holder_id -> BigInt,
        previous_holder_id -> Nullable<BigInt>,
        post_office_id -> Nullable<BigInt>,
        assignee_id -> Nullable<BigInt>,
        slip_id -> Nullable<BigInt>,
        channel -> Text,
        search_name -> Text,
        identity_hash -> Nullable<Text>,
        phone_hash -> Nullable<Text>,
        content -> Text,
        lookup_hash -> Text,
        submitted_at -> Nullable<InstantSql>,
        accept_due_at -> Nullable<InstantSql>,
        received_at -> Nullable<InstantSql>,
        due_at -> Nullable<InstantSql>,
        judged_due_at -> Nullable<InstantSql>,
        first_due_at -> Nullable<InstantSql>,
        expected_due_at -> Nullable<InstantSql>,
        finished_at -> Nullable<InstantSql>,
        returned_at -> Nullable<InstantSql>,
        last_event_at -> InstantSql,
        clock -> Nullable<Text>,
        is_paused -> Bool,
        paused_in_time -> Bool,
        overdue_on -> Nullable<Date>,
        waiting_late_on -> Nullable<Date>,
        result -> Nullable<Text>,
        outcome -> Nullable<Text>,
        rule_set -> Nullable<Text>,
        marks -> Text,
        proposal -> Nullable<Text>,
        supplements -> Integer,
        event_count -> BigInt,
        head_hash -> Binary,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    events (id) {
        id -> BigInt,
        dossier_id -> BigInt,
        seq -> BigInt,
        action -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        occurred_at -> InstantSql,
        recorded_at -> InstantSql,
        actor_kind -> Text,
        actor_id -> Nullable<BigInt>,
        actor_agency_id -> Nullable<BigInt>,
        data -> Text,
        private_digest -> Nullable<Binary>,
        hash -> Binary,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    event_private (event_id) {
        event_id -> BigInt,
        salt -> Binary,
        data -> Text,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    legs (id) {
        id -> BigInt,
        dossier_id -> BigInt,
        seq -> Integer,
        key -> Text,
        name -> Text,
        agency_id -> BigInt,
        role -> Text,
        parallel_with -> Nullable<Text>,
        is_lead -> Bool,
        state -> Text,
        officer_id -> Nullable<BigInt>,
        share -> Nullable<Text>,
        clock -> Nullable<Text>,
        started_at -> Nullable<InstantSql>,
        due_at -> Nullable<InstantSql>,
        judged_due_at -> Nullable<InstantSql>,
        finished_at -> Nullable<InstantSql>,
        used_minutes -> Nullable<BigInt>,
        share_minutes -> Nullable<BigInt>,
        balance_minutes -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    transfers (id) {
        id -> BigInt,
        public_id -> Text,
        number -> Text,
        kind -> Text,
        from_id -> BigInt,
        to_id -> BigInt,
        state -> Text,
        note -> Nullable<Text>,
        sent_by -> Nullable<BigInt>,
        sent_at -> InstantSql,
        due_at -> Nullable<InstantSql>,
        acknowledged_by -> Nullable<BigInt>,
        acknowledged_at -> Nullable<InstantSql>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    transfer_lines (id) {
        id -> BigInt,
        transfer_id -> BigInt,
        line -> Integer,
        dossier_id -> BigInt,
        state -> Text,
        papers -> Text,
        missing -> Text,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    custody (id) {
        id -> BigInt,
        dossier_id -> BigInt,
        papers -> Nullable<Text>,
        party -> Text,
        agency_id -> Nullable<BigInt>,
        from_at -> InstantSql,
        until_at -> Nullable<InstantSql>,
        slip -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    delegations (id) {
        id -> BigInt,
        public_id -> Text,
        office_id -> BigInt,
        agency_id -> BigInt,
        procedures -> Nullable<Text>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    shipments (id) {
        id -> BigInt,
        public_id -> Text,
        tracking_code -> Text,
        dossier_id -> BigInt,
        direction -> Text,
        office_id -> BigInt,
        agency_id -> BigInt,
        state -> Text,
        cod_amount -> BigInt,
        created_at -> InstantSql,
        updated_at -> InstantSql,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    shipment_events (id) {
        id -> BigInt,
        shipment_id -> BigInt,
        state -> Text,
        occurred_at -> InstantSql,
        recorded_at -> InstantSql,
        office_id -> Nullable<BigInt>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    handoffs (id) {
        id -> BigInt,
        public_id -> Text,
        number -> Text,
        direction -> Text,
        office_id -> BigInt,
        agency_id -> BigInt,
        state -> Text,
        created_by -> Nullable<BigInt>,
        created_at -> InstantSql,
        dispatched_by -> Nullable<BigInt>,
        dispatched_at -> Nullable<InstantSql>,
        accepted_by -> Nullable<BigInt>,
        accepted_at -> Nullable<InstantSql>,
        cancelled_at -> Nullable<InstantSql>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    handoff_lines (id) {
        id -> BigInt,
        handoff_id -> BigInt,
        line -> Integer,
        dossier_id -> BigInt,
        shipment_id -> Nullable<BigInt>,
        recipient -> Nullable<Text>,
        cod_amount -> BigInt,
        fees -> BigInt,
        papers -> Text,
        state -> Text,
        reason -> Nullable<Text>,
    }
}

with_figures! {
    bookings (id) {
        id -> BigInt,
        dossier_id -> BigInt,
        day -> Date,
        counts_from -> InstantSql,
        agency_id -> BigInt,
        procedure_id -> BigInt,
        channel -> Text,
    }
}

with_figures! {
    counter_days (agency_id, day, procedure_id, channel) {
        agency_id -> BigInt,
        procedure_id -> BigInt,
        channel -> Text,
        day -> Date,
    }
}

with_figures! {
    counter_months (agency_id, month, procedure_id, channel) {
        agency_id -> BigInt,
        procedure_id -> BigInt,
        channel -> Text,
        month -> Date,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    escalations (dossier_id, leg, level) {
        dossier_id -> BigInt,
        leg -> Text,
        level -> Text,
        agency_id -> BigInt,
        marked_at -> InstantSql,
    }
}

with_figures! {
    counter_agency_months (agency_id, month, channel) {
        agency_id -> BigInt,
        channel -> Text,
        month -> Date,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    readings (id) {
        id -> BigInt,
        at -> InstantSql,
        dossier_id -> BigInt,
        caller_kind -> Text,
        caller_id -> BigInt,
        agency_id -> BigInt,
        operation -> Text,
        reason -> Nullable<Text>,
    }
}

with_figures! {
    counter_years (agency_id, year, procedure_id, channel) {
        agency_id -> BigInt,
        procedure_id -> BigInt,
        channel -> Text,
        year -> Date,
    }
}

with_figures! {
    counter_agency_years (agency_id, year, channel) {
        agency_id -> BigInt,
        channel -> Text,
        year -> Date,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    openings (agency_id, year) {
        agency_id -> BigInt,
        year -> Date,
    }
}

with_figures! {
    opening_years (agency_id, year, procedure_id, channel) {
        agency_id -> BigInt,
        procedure_id -> BigInt,
        channel -> Text,
        year -> Date,
    }
}

with_figures! {
    opening_agency_years (agency_id, year, channel) {
        agency_id -> BigInt,
        channel -> Text,
        year -> Date,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    anchors (day) {
        day -> Date,
        made_at -> InstantSql,
        last_event_id -> BigInt,
        heads -> BigInt,
        heads_digest -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    anchor_heads (dossier_id, seq) {
        dossier_id -> BigInt,
        seq -> BigInt,
        day -> Date,
        hash -> Binary,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    period_closings (id) {
        id -> BigInt,
        public_id -> Text,
        agency_id -> BigInt,
        kind -> Text,
        period -> Text,
        from_on -> Date,
        to_on -> Date,
        revision -> BigInt,
        state -> Text,
        facts -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    period_steps (closing_id, seq) {
        closing_id -> BigInt,
        seq -> BigInt,
        action -> Text,
        account_id -> BigInt,
        at -> InstantSql,
        reason -> Nullable<Text>,
        seal -> Text,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    stated_figures (id) {
        id -> BigInt,
        agency_id -> BigInt,
        year -> BigInt,
        level -> Text,
        figure -> Text,
        value -> BigInt,
        qualifier -> Text,
        basis -> Text,
        source -> Text,
    }
}

diesel::table! {
    use crate::db::types::sql::*;
    dossier_marks (dossier_id, mark) {
        dossier_id -> BigInt,
        mark -> Text,
        agency_id -> BigInt,
        marked_at -> InstantSql,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    revisions,
    idempotency,
    agencies,
    agency_closure,
    working_hours,
    accounts,
    absences,
    clients,
    refresh_tokens,
    revoked_tokens,
    sign_in_attempts,
    calendars,
    fields,
    procedures,
    procedure_versions,
    numbers,
    dossiers,
    events,
    event_private,
    legs,
    transfers,
    transfer_lines,
    custody,
    delegations,
    shipments,
    shipment_events,
    handoffs,
    handoff_lines,
    bookings,
    counter_days,
    counter_months,
    escalations,
    counter_agency_months,
    readings,
    counter_years,
    counter_agency_years,
    openings,
    opening_years,
    opening_agency_years,
    dossier_marks,
    anchors,
    anchor_heads,
    period_closings,
    period_steps,
    stated_figures,
);
