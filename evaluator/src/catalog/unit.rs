//! Units as people read them.

/// Grafana's word for a unit as it is shown; what is not known stays as it is.
pub fn shown(unit: &str) -> Option<String> {
    if let Some(own) = unit.strip_prefix("suffix:").or_else(|| unit.strip_prefix("prefix:")) {
        return Some(own.trim().to_owned()).filter(|own| !own.is_empty());
    }
    let shown = match unit {
        "none" | "short" | "" | "string" | "locale" | "sishort" | "bool" | "bool_yes_no" | "bool_on_off" => {
            return None;
        }
        "percent" => "%",
        "percentunit" => "ratio",
        "bytes" | "decbytes" => "B",
        "bits" | "decbits" => "bit",
        "kbytes" => "KiB",
        "deckbytes" => "kB",
        "mbytes" => "MiB",
        "decmbytes" => "MB",
        "gbytes" => "GiB",
        "decgbytes" => "GB",
        "bps" | "binbps" => "bit/s",
        "Bps" | "binBps" => "B/s",
        "Kbits" => "kbit/s",
        "KBs" => "kB/s",
        "Mbits" => "Mbit/s",
        "MBs" => "MB/s",
        "Gbits" => "Gbit/s",
        "pps" => "packets/s",
        "ns" => "ns",
        "µs" | "us" => "µs",
        "ms" | "dtdurationms" | "clockms" => "ms",
        "s" | "dtdurations" | "clocks" => "s",
        "m" => "min",
        "h" => "h",
        "d" => "d",
        "hertz" | "rothz" => "Hz",
        "ops" => "ops/s",
        "reqps" | "rps" => "req/s",
        "wps" => "writes/s",
        "iops" => "IO/s",
        "cps" => "1/s",
        "opm" => "ops/min",
        "rpm" | "reqpm" => "req/min",
        "celsius" => "°C",
        "fahrenheit" => "°F",
        "kelvin" => "K",
        "humidity" => "%H",
        "volt" => "V",
        "mvolt" => "mV",
        "amp" => "A",
        "mamp" => "mA",
        "watt" => "W",
        "kwatt" => "kW",
        "dBm" => "dBm",
        "dB" => "dB",
        "lengthm" => "m",
        "currencyEUR" => "€",
        "currencyUSD" => "$",
        "currencyGBP" => "£",
        other => other,
    };
    Some(shown.to_owned())
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn units_are_shown_as_people_write_them() {
        for (unit, written) in [
            ("percent", "%"),
            ("Bps", "B/s"),
            ("bps", "bit/s"),
            ("suffix: req", "req"),
            ("furlongs", "furlongs"),
        ] {
            assert_eq!(shown(unit).as_deref(), Some(written));
        }
        assert_eq!(shown("short"), None);
    }
}
