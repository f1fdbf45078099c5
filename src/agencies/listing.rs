//! Pages of what the catalogue knows by heart, in the order of codes: no query, no offset.

use crate::{
    db::{Cursor, Page},
    http::{PageRequest, Result},
};

/// The page that is wanted of all `items` of `list`, which rise by `code`.
///
/// # Errors
/// 422 `cursor_invalid` for the cursor of another list.
pub fn page_by_code<T>(
    list: &str,
    items: impl Iterator<Item = T>,
    request: &PageRequest,
    code: impl Fn(&T) -> &str,
) -> Result<Page<T>> {
    let after: Option<String> = request.cursor.as_ref().map(|cursor| cursor.key(list)).transpose()?;
    let size = usize::try_from(request.limit.rows()).unwrap_or(usize::MAX);
    let mut total = 0;
    let mut rows = Vec::new();
    for item in items {
        total += 1;
        if rows.len() < size && after.as_deref().is_none_or(|after| code(&item) > after) {
            rows.push(item);
        } else if rows.len() == size && !request.count {
            break;
        }
    }
    let mut page = Page::of(rows, request.limit, |last| Cursor::after(list, &code(last)))?;
    page.total = request.count.then_some(total);
    Ok(page)
}
