//! Reads `[(path, (timestamp, value)), ...]` as Python pickles it (protocols 0 to 5, <https://docs.python.org/3/library/pickletools.html>).
//!
//! Only numbers, texts, tuples and lists are known: what makes objects or calls functions is refused, whatever follows. What a
//! batch can take is bounded by its length and by [`MOST`]; nothing here recurses, since sequences name their members by number.

use ahash::AHashMap;

use super::line::number;

/// Most sequences, remembered values and values on the stack: a batch of 1 MiB that says something needs fewer.
const MOST: usize = 1 << 18;

/// One member of the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datum<'a> {
    pub name: &'a [u8],
    /// Unix time.
    pub seconds: f64,
    pub value: f64,
}

/// These bytes are no pickle of plain data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no pickle of plain data")]
pub struct NoPickle;

/// Shows each member of the list; None for one that is not `(path, (timestamp, value))`. As carbon does, lists are taken for
/// tuples and texts for numbers.
///
/// # Errors
/// [`NoPickle`]: then nothing was shown.
pub fn read<'a>(bytes: &'a [u8], mut show: impl FnMut(Option<Datum<'a>>)) -> Result<(), NoPickle> {
    let mut machine = Machine { rest: bytes, ..Machine::default() };
    let Value::Sequence(list) = machine.run()? else { return Err(NoPickle) };
    machine.sequences[list].iter().for_each(|member| show(machine.datum(*member)));
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Value<'a> {
    /// None, and numbers beyond 64 bits: nothing that a sample can be made of.
    Nothing,
    Number(f64),
    Text(&'a [u8]),
    /// A tuple or list, by its place in `sequences`.
    Sequence(usize),
}

#[derive(Default)]
struct Machine<'a> {
    rest: &'a [u8],
    stack: Vec<Value<'a>>,
    /// How high the stack was at each mark.
    marks: Vec<usize>,
    memo: AHashMap<u32, Value<'a>>,
    sequences: Vec<Vec<Value<'a>>>,
}

impl<'a> Machine<'a> {
    fn run(&mut self) -> Result<Value<'a>, NoPickle> {
        loop {
            let [code] = self.chunk()?;
            if code == b'.' {
                return self.pop();
            }
            let known = self.values(code)? || self.sequences(code)? || self.memory(code)?;
            if !known || self.stack.len().max(self.memo.len()).max(self.marks.len()) > MOST {
                return Err(NoPickle);
            }
        }
    }

    /// What pushes one number or text.
    fn values(&mut self, code: u8) -> Result<bool, NoPickle> {
        let value = match code {
            b'N' => Value::Nothing,
            0x88 => Value::Number(1.0),
            0x89 => Value::Number(0.0),
            b'K' => Value::Number(self.chunk::<1>()?[0].into()),
            b'M' => Value::Number(u16::from_le_bytes(self.chunk()?).into()),
            b'J' => Value::Number(i32::from_le_bytes(self.chunk()?).into()),
            b'G' => Value::Number(f64::from_be_bytes(self.chunk()?)),
            0x8a => long(self.short()?),
            b'I' | b'F' => written(self.line()?),
            b'L' => self.line().map(|line| written(line.strip_suffix(b"L").unwrap_or(line)))?,
            b'S' => Value::Text(quoted(self.line()?)?),
            b'V' => Value::Text(plain(self.line()?)?),
            b'U' | b'C' | 0x8c => Value::Text(self.short()?),
            b'T' | b'X' | b'B' => {
                let length = u32::from_le_bytes(self.chunk()?);
                Value::Text(self.bytes(length.into())?)
            }
            0x8d => {
                let length = u64::from_le_bytes(self.chunk()?);
                Value::Text(self.bytes(length)?)
            }
            _ => return Ok(false),
        };
        self.stack.push(value);
        Ok(true)
    }

    /// What makes and fills tuples and lists.
    fn sequences(&mut self, code: u8) -> Result<bool, NoPickle> {
        match code {
            b'(' => self.marks.push(self.stack.len()),
            b']' | b')' => self.push_sequence(Vec::new())?,
            b'l' | b't' => {
                let members = self.since_mark()?;
                self.push_sequence(members)?;
            }
            0x85..=0x87 => {
                let start = self.stack.len().checked_sub(usize::from(code - 0x84)).ok_or(NoPickle)?;
                let members = self.above(start)?;
                self.push_sequence(members)?;
            }
            b'a' => {
                let member = self.pop()?;
                self.list()?.push(member);
            }
            b'e' => {
                let members = self.since_mark()?;
                self.list()?.extend(members);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What remembers and brings back values, and what says nothing.
    fn memory(&mut self, code: u8) -> Result<bool, NoPickle> {
        match code {
            0x80 => drop(self.chunk::<1>()?),
            0x95 => drop(self.chunk::<8>()?),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.since_mark()?),
            b'p' | b'q' | b'r' | 0x94 => {
                let key = self.key(code)?;
                let top = *self.stack.last().ok_or(NoPickle)?;
                self.memo.insert(key, top);
            }
            b'g' | b'h' | b'j' => {
                let key = self.key(code)?;
                let value = *self.memo.get(&key).ok_or(NoPickle)?;
                self.stack.push(value);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Under which number something is remembered.
    fn key(&mut self, code: u8) -> Result<u32, NoPickle> {
        match code {
            b'p' | b'g' => {
                std::str::from_utf8(self.line()?).ok().and_then(|text| text.parse().ok()).ok_or(NoPickle)
            }
            b'q' | b'h' => Ok(self.chunk::<1>()?[0].into()),
            b'r' | b'j' => Ok(u32::from_le_bytes(self.chunk()?)),
            _ => u32::try_from(self.memo.len()).map_err(|_| NoPickle),
        }
    }

    fn pop(&mut self) -> Result<Value<'a>, NoPickle> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() > floor { self.stack.pop().ok_or(NoPickle) } else { Err(NoPickle) }
    }

    fn since_mark(&mut self) -> Result<Vec<Value<'a>>, NoPickle> {
        let mark = self.marks.pop().ok_or(NoPickle)?;
        self.above(mark)
    }

    fn above(&mut self, start: usize) -> Result<Vec<Value<'a>>, NoPickle> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if start < floor { Err(NoPickle) } else { Ok(self.stack.split_off(start)) }
    }

    fn push_sequence(&mut self, members: Vec<Value<'a>>) -> Result<(), NoPickle> {
        if self.sequences.len() >= MOST {
            return Err(NoPickle);
        }
        self.stack.push(Value::Sequence(self.sequences.len()));
        self.sequences.push(members);
        Ok(())
    }

    /// The sequence on top of the stack.
    fn list(&mut self) -> Result<&mut Vec<Value<'a>>, NoPickle> {
        match self.stack.last() {
            Some(Value::Sequence(list)) => Ok(&mut self.sequences[*list]),
            _ => Err(NoPickle),
        }
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], NoPickle> {
        let (chunk, rest) = self.rest.split_first_chunk().ok_or(NoPickle)?;
        self.rest = rest;
        Ok(*chunk)
    }

    fn bytes(&mut self, length: u64) -> Result<&'a [u8], NoPickle> {
        let length = usize::try_from(length).map_err(|_| NoPickle)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(NoPickle)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn short(&mut self) -> Result<&'a [u8], NoPickle> {
        let [length] = self.chunk()?;
        self.bytes(length.into())
    }

    fn line(&mut self) -> Result<&'a [u8], NoPickle> {
        let end = self.rest.iter().position(|byte| *byte == b'\n').ok_or(NoPickle)?;
        let line = self.bytes(end as u64)?;
        self.rest = &self.rest[1..];
        Ok(line)
    }

    fn datum(&self, member: Value<'a>) -> Option<Datum<'a>> {
        let [Value::Text(name), point] = self.pair(member)? else { return None };
        let [seconds, value] = self.pair(point)?;
        Some(Datum { name, seconds: as_number(seconds)?, value: as_number(value)? })
    }

    fn pair(&self, value: Value<'a>) -> Option<[Value<'a>; 2]> {
        let Value::Sequence(place) = value else { return None };
        self.sequences[place].as_slice().try_into().ok()
    }
}

fn as_number(value: Value<'_>) -> Option<f64> {
    match value {
        Value::Number(number) => Some(number),
        Value::Text(text) => number(text),
        Value::Nothing | Value::Sequence(_) => None,
    }
}

/// A number in letters.
fn written(text: &[u8]) -> Value<'static> {
    number(text).map_or(Value::Nothing, Value::Number)
}

/// Two's complement, least byte first; of no bytes: 0.
fn long(bytes: &[u8]) -> Value<'static> {
    if bytes.len() > 8 {
        return Value::Nothing;
    }
    let negative = bytes.last().is_some_and(|highest| highest & 0x80 != 0);
    let mut whole = if negative { [0xff; 8] } else { [0; 8] };
    whole[..bytes.len()].copy_from_slice(bytes);
    Value::Number(i64::from_le_bytes(whole) as f64)
}

/// A text in quotes, without escapes: names of series need none.
fn quoted(text: &[u8]) -> Result<&[u8], NoPickle> {
    let inner = match text {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner,
        _ => return Err(NoPickle),
    };
    plain(inner)
}

fn plain(text: &[u8]) -> Result<&[u8], NoPickle> {
    if text.contains(&b'\\') { Err(NoPickle) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Datum, NoPickle, read};

    /// name, seconds, value; None: a member that is none.
    type Shown = Vec<Option<(String, f64, f64)>>;

    fn shown(bytes: &[u8]) -> Result<Shown, NoPickle> {
        let mut all = Vec::new();
        let owned =
            |datum: Datum<'_>| (String::from_utf8_lossy(datum.name).into_owned(), datum.seconds, datum.value);
        read(bytes, |datum| all.push(datum.map(owned))).map(|()| all)
    }

    #[test]
    fn what_python_2_and_3_send_is_read() {
        let one = Ok(vec![Some(("a.b".to_owned(), 1_800_000_000.0, 1.5))]);
        let table: &[&[u8]] = &[
            // Python 3, protocol 2: BINUNICODE, BININT, BINFLOAT, TUPLE2, APPEND.
            b"\x80\x02]q\x00X\x03\x00\x00\x00a.bq\x01J\x00\xd2IkG?\xf8\x00\x00\x00\x00\x00\x00\x86q\x02\x86q\x03a.",
            // Python 2, protocol 2: SHORT_BINSTRING, memo from 1, APPENDS.
            b"\x80\x02]q\x01(U\x03a.bq\x02J\x00\xd2IkG?\xf8\x00\x00\x00\x00\x00\x00\x86q\x03\x86q\x04e.",
            // Protocol 0: letters.
            b"(lp0\n(S'a.b'\np1\n(I1800000000\nF1.5\ntp2\ntp3\na.",
            b"(lp0\n(Va.b\np1\n(L1800000000L\nF1.5\ntp2\ntp3\na.",
            // Lists for tuples, texts for numbers.
            b"\x80\x02](](U\x03a.b](U\x0a1800000000U\x031.5eee.",
        ];
        for bytes in table {
            assert_eq!(shown(bytes), one, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_member_of_another_shape_is_told_apart_from_the_others() {
        let bytes = b"\x80\x02](U\x01aK\x01K\x02\x86\x86U\x01bNK\x01U\x01cNK\x02\x86\x86e.";
        let good = Some(("a".to_owned(), 1.0, 2.0));
        assert_eq!(shown(bytes), Ok(vec![good, None, None, None, None]));
    }

    #[test]
    fn what_would_run_something_is_refused_before_anything_is_shown() {
        for bytes in [
            &b"cos\nsystem\n(S'true'\ntR."[..],
            b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00true\x85R.",
            b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
            b"",
            b".",
            b"\x80\x02]",
            b"K\x01.",
            b"(.",
            b"(0.",
            b"](\x86.",
            b"\x80\x02X\xff\xff\xff\xffabc.",
            b"\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc.",
            b"h\x05.",
            b"K\x01]a.",
        ] {
            assert_eq!(shown(bytes), Err(NoPickle), "{bytes:?}");
        }
    }

    #[test]
    fn depth_and_circles_cost_nothing() {
        let mut deep = vec![b'N'];
        deep.resize(200_000, 0x85);
        deep.push(b'.');
        assert_eq!(shown(&deep), Ok(vec![None]));
        assert_eq!(shown(b"]q\x00h\x00a."), Ok(vec![None]), "a list that holds itself");
        for flood in [b"N", b"(", b"]"] {
            assert_eq!(shown(&flood.repeat(1 << 20)), Err(NoPickle));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = shown(&bytes);
        }

        #[test]
        fn no_mix_of_opcodes_makes_it_panic(
            parts in proptest::collection::vec(proptest::sample::select(vec![
                &b"N"[..], b"K\x07", b"U\x01a", b"]", b")", b"(", b"l", b"t", b"a", b"e", b"\x85", b"\x86", b"\x87", b"0", b"1",
                b"q\x00", b"h\x00", b"\x94", b"p1\n", b"g1\n", b"\x8a\x02\x00\x80", b"I12\n", b"G12345678",
            ]), 0..60),
        ) {
            let mut bytes = parts.concat();
            bytes.push(b'.');
            let _ = shown(&bytes);
        }
    }
}
