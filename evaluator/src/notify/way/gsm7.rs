//! What a phone's alphabet holds: the GSM 7-bit default alphabet and its extension table, 3GPP TS 23.038 (V17), 6.2.1 and 6.2.1.1.

/// Septets of one text message: 140 bytes (3GPP TS 23.040, 9.2.3.16).
pub const LONGEST: usize = 160;

/// UTF-16 units of one text message in UCS-2.
pub const LONGEST_UCS2: usize = 70;

/// One septet each, in the table's order; the escape to the extension table (0x1B) stands for no character.
const BASIC: &str = concat!(
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ",
    " !\"#¤%&'()*+,-./0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmnopqrstuvwxyzäöñüà",
);

/// The escape and one septet more each.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Letters and signs that the alphabet lacks, and what stands for them: the letter without its accent, the plain sign.
const PLAIN: &[(&str, &str)] = &[
    ("áâãāăąª", "a"),
    ("ÀÁÂÃĀĂĄ", "A"),
    ("çćĉċč", "c"),
    ("ĆĈĊČ", "C"),
    ("ďđð", "d"),
    ("ĎĐÐ", "D"),
    ("êëēĕėęě", "e"),
    ("ÈÊËĒĔĖĘĚ", "E"),
    ("ĝğġģ", "g"),
    ("ĜĞĠĢ", "G"),
    ("ĥħ", "h"),
    ("ĤĦ", "H"),
    ("íîïĩīĭįı", "i"),
    ("ÌÍÎÏĨĪĬĮİ", "I"),
    ("ĵ", "j"),
    ("Ĵ", "J"),
    ("ķ", "k"),
    ("Ķ", "K"),
    ("ĺļľŀł", "l"),
    ("ĹĻĽĿŁ", "L"),
    ("ńņňŉ", "n"),
    ("ŃŅŇ", "N"),
    ("óôõōŏőº", "o"),
    ("ÒÓÔÕŌŎŐ", "O"),
    ("ŕŗř", "r"),
    ("ŔŖŘ", "R"),
    ("śŝşšș", "s"),
    ("ŚŜŞŠȘ", "S"),
    ("ţťŧț", "t"),
    ("ŢŤŦȚ", "T"),
    ("úûũūŭůűų", "u"),
    ("ÙÚÛŨŪŬŮŰŲ", "U"),
    ("ŵ", "w"),
    ("Ŵ", "W"),
    ("ýÿŷ", "y"),
    ("ÝŸŶ", "Y"),
    ("źżž", "z"),
    ("ŹŻŽ", "Z"),
    ("œ", "oe"),
    ("Œ", "OE"),
    ("\t\u{a0}\u{202f}\u{2009}", " "),
    ("`´‘’‚", "'"),
    ("“”„«»", "\""),
    ("–—‐‑−·•", "-"),
    ("…", ".."),
    ("°", ""),
    ("µμ", "u"),
    ("×", "x"),
    ("≤", "<="),
    ("≥", ">="),
];

/// In that alphabet alone: accents that it lacks are dropped, whatever else it lacks becomes `?`.
pub fn written(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            // Accents that stand for themselves, after their letter; of those only the ñ has a meaning of its own.
            '\u{303}' if out.ends_with(['n', 'N']) => {
                let tilde = if out.pop() == Some('n') { 'ñ' } else { 'Ñ' };
                out.push(tilde);
            }
            '\u{300}'..='\u{36f}' => {}
            _ if septets_of(one) > 0 => out.push(one),
            _ => out.push_str(plain(one)),
        }
    }
    out
}

fn plain(one: char) -> &'static str {
    let found = PLAIN.iter().find(|(those, _)| those.contains(one));
    found.map_or("?", |(_, plain)| plain)
}

/// How many of the [`LONGEST`] it takes; what the alphabet lacks takes none.
pub fn septets(text: &str) -> usize {
    text.chars().map(septets_of).sum()
}

/// As [`septets`], of one character.
pub fn septets_of(one: char) -> usize {
    match one {
        _ if BASIC.contains(one) => 1,
        _ if EXTENSION.contains(one) => 2,
        _ => 0,
    }
}

/// UTF-16 units, as UCS-2 counts.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_all_of_its_septets_but_the_escape() {
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENSION.chars().count(), 10);
        let mut all: Vec<char> = BASIC.chars().chain(EXTENSION.chars()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 137, "each once");
    }

    #[test]
    fn what_the_alphabet_holds_stays() {
        let all: String = BASIC.chars().chain(EXTENSION.chars()).collect();
        assert_eq!(written(&all), all);
        assert_eq!(septets(&all), 127 + 20, "an extension character counts two");
    }

    #[test]
    fn accents_are_dropped_where_the_alphabet_lacks_them_and_only_there() {
        assert_eq!(written("crítica"), "critica");
        assert_eq!(written("Crítica ÁÉÍÓÚ áéíóú àèìòù üÜ ñÑ ¿¡ çÇ"), "Critica AÉIOU aéiou àèìòù üÜ ñÑ ¿¡ cÇ");
        assert_eq!(written("Łódź, Škoda, Brașov, cœur"), "Lodz, Skoda, Brasov, coeur");
        assert_eq!(written("cri\u{301}tica man\u{303}ana"), "critica mañana", "accents that stand apart");
    }

    #[test]
    fn signs_become_their_plain_ones_and_all_else_a_question_mark() {
        assert_eq!(written("7 Mayor · «a» – b…"), "7 Mayor - \"a\" - b..");
        assert_eq!(written("24\u{a0}h\tx"), "24 h x");
        assert_eq!(written("日本 ж 😀 \u{1b}\0"), "?? ? ? ??");
    }

    #[test]
    fn what_is_written_is_always_in_the_alphabet() {
        for code in 0..0x3000 {
            let Some(one) = char::from_u32(code) else { continue };
            let text = written(&one.to_string());
            assert!(text.chars().all(|one| septets_of(one) > 0), "{one:?} became {text:?}");
        }
        for (those, plain) in PLAIN {
            assert!(those.chars().all(|one| septets_of(one) == 0), "{those} need nothing in their stead");
            assert_eq!(written(plain), *plain);
        }
    }

    #[test]
    fn what_the_basic_plane_lacks_takes_two_units() {
        assert_eq!((units("ñá"), units("😀")), (2, 2));
    }
}
