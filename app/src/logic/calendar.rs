//! A calendar as it is typed: holidays and days with hours of their own are lines of text, `01-06 Epiphany` and
//! `2027-12-24 09:00-14:00 Christmas Eve`.

use atalaya_api::calendar::{Exception, Holiday, Hours};

use super::list;
use super::wrong::{What, Wrong};

/// One holiday a line: a date, or month and day for every year, then what it is called.
pub fn holidays(text: &str) -> Result<Vec<Holiday>, Wrong> {
    let mut read = Vec::new();
    for (number, line) in lines(text) {
        let (date, name) = first_word(line);
        if !is_date(date) {
            return Err(Wrong::new("holidays", What::NotADay { line: number }));
        }
        read.push(Holiday { date: date.to_owned(), name: name.to_owned() });
    }
    Ok(read)
}

/// One day a line: a date, its hours (none: closed all day), then what it is called.
pub fn exceptions(text: &str) -> Result<Vec<Exception>, Wrong> {
    let mut read = Vec::new();
    for (number, line) in lines(text) {
        let (date, mut rest) = first_word(line);
        if list::day(date).is_none() || date.len() != 10 {
            return Err(Wrong::new("exceptions", What::NotADay { line: number }));
        }
        let mut hours = Vec::new();
        while let (word, after) = first_word(rest)
            && let Some(more) = ranges(word)
        {
            hours.extend(more);
            rest = after;
        }
        read.push(Exception { date: date.to_owned(), name: rest.to_owned(), hours });
    }
    Ok(read)
}

pub fn holidays_text(holidays: &[Holiday]) -> String {
    let line = |day: &Holiday| format!("{} {}", day.date, day.name).trim_end().to_owned();
    holidays.iter().map(line).collect::<Vec<_>>().join("\n")
}

pub fn exceptions_text(exceptions: &[Exception]) -> String {
    let hours = |hours: &Hours| format!("{}-{}", hours.from, hours.to);
    let line = |day: &Exception| {
        let hours = day.hours.iter().map(hours).collect::<Vec<_>>().join(",");
        [day.date.as_str(), &hours, &day.name]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    exceptions.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// An id that people can read, made of a name: `Guardia Bogotá` gives `guardia-bogota`.
pub fn id_of(name: &str) -> String {
    let mut id = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        match plain(c) {
            Some(c) => id.push(c),
            None if !id.is_empty() && !id.ends_with('-') => id.push('-'),
            None => {}
        }
    }
    id.chars().take(40).collect::<String>().trim_end_matches('-').to_owned()
}

fn plain(c: char) -> Option<char> {
    match c {
        'a'..='z' | '0'..='9' => Some(c),
        'á' | 'à' | 'â' | 'ä' => Some('a'),
        'é' | 'è' | 'ê' | 'ë' => Some('e'),
        'í' | 'ì' | 'ï' => Some('i'),
        'ó' | 'ò' | 'ô' | 'ö' => Some('o'),
        'ú' | 'ù' | 'ü' => Some('u'),
        'ñ' => Some('n'),
        'ç' => Some('c'),
        _ => None,
    }
}

/// The lines that say something, with their numbers from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .map(str::trim)
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.is_empty())
}

fn first_word(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim_start()))
}

/// `2027-01-06`, or `01-06`; the 29th of February is a day of some years.
fn is_date(text: &str) -> bool {
    match text.len() {
        10 => list::day(text).is_some(),
        5 => list::day(&format!("2024-{text}")).is_some(),
        _ => false,
    }
}

/// `09:00-14:00,16:00-20:00`
fn ranges(text: &str) -> Option<Vec<Hours>> {
    let one = |part: &str| {
        let (from, to) = part.split_once(['-', '–'])?;
        [from, to]
            .into_iter()
            .all(|time| super::hours::minute_of_day(time).is_some())
            .then(|| Hours { from: format!("{:0>5}", from.trim()), to: format!("{:0>5}", to.trim()) })
    };
    text.trim_end_matches(',').split(',').map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = "2027-12-24 09:00-14:00,16:00-20:00 Christmas Eve\n2027-12-31";
        let read = exceptions(text).expect("two days");
        assert_eq!(read[0].hours.len(), 2);
        assert_eq!(read[0].name, "Christmas Eve");
        assert!(read[1].hours.is_empty());
        assert_eq!(exceptions_text(&read), text);
        let text = "01-06 Epiphany\n2027-03-26 Good Friday\n02-29";
        assert_eq!(holidays_text(&holidays(text).expect("three days")), text);
    }

    #[test]
    fn hours_may_be_written_loosely() {
        let read = exceptions("2027-12-24 9:00-14:00, 16:00-20:00 Eve").expect("a day");
        assert_eq!(exceptions_text(&read), "2027-12-24 09:00-14:00,16:00-20:00 Eve");
    }

    #[test]
    fn the_line_that_is_no_day_is_named() {
        assert_eq!(holidays("01-06\n\n6/1 Epiphany"), Err(Wrong::new("holidays", What::NotADay { line: 3 })));
        assert!(holidays("02-30").is_err() && exceptions("01-06 09:00-14:00").is_err());
    }

    #[test]
    fn an_id_is_made_of_the_name() {
        assert_eq!(id_of("Guardia Bogotá / 2.º turno"), "guardia-bogota-2-turno");
        assert_eq!(id_of("¡¿?!"), "");
    }
}
