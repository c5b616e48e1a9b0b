package pattern

import "strings"

// maxLayout is the longest layout, in bytes.
const maxLayout = 60

// layoutOf makes a layout of package time of one that is written in letters, as "yyyy-MM-dd HH:mm:ss".
func layoutOf(letters string) (string, error) {
	if letters == "" {
		return "", wrong("time_layout", "say how the group time is written, such as yyyy-MM-dd HH:mm:ss")
	}
	if len(letters) > maxLayout || strings.IndexFunc(letters, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
		return "", wrong("time_layout", "use the letters of the documentation and what stands between them; other writing belongs into the expression, outside of the group")
	}
	var layout strings.Builder
	for rest := letters; rest != ""; {
		run := rest[:len(rest)-len(strings.TrimLeft(rest, rest[:1]))]
		rest = rest[len(run):]
		part, known := layoutPart(run)
		switch {
		case known:
			layout.WriteString(part)
		case run[0] >= '0' && run[0] <= '9', run[0] >= 'a' && run[0] <= 'z', run[0] >= 'A' && run[0] <= 'Z', run[0] == '_':
			return "", wrong("time_layout", run+" is not known; use yyyy or yy, MM, M or MMM, dd or d, HH or H, hh or h with a, mm, ss, XXX, "+
				"and what stands between them. What else stands around the time belongs into the expression, outside of the group")
		default:
			layout.WriteString(run)
		}
	}
	for _, need := range []struct{ letters, advice string }{
		{"y", "the year, yyyy or yy"}, {"M", "the month, MM, M or MMM"}, {"d", "the day, dd or d"}, {"Hh", "the hour, HH"}, {"m", "the minute, mm"},
	} {
		if !strings.ContainsAny(letters, need.letters) {
			return "", wrong("time_layout", "it lacks "+need.advice)
		}
	}
	if strings.ContainsRune(letters, 'h') != strings.ContainsRune(letters, 'a') {
		return "", wrong("time_layout", "h goes with a (AM, PM); for 24 hours use H")
	}
	return layout.String(), nil
}

// layoutPart is what package time calls a run of one letter.
func layoutPart(run string) (part string, known bool) {
	switch run {
	case "yyyy":
		return "2006", true
	case "yy":
		return "06", true
	case "MMM":
		return "Jan", true
	case "MM":
		return "01", true
	case "M":
		return "1", true
	case "dd":
		return "02", true
	case "d":
		return "2", true
	case "HH", "H":
		return "15", true
	case "hh":
		return "03", true
	case "h":
		return "3", true
	case "mm":
		return "04", true
	case "m":
		return "4", true
	case "ss":
		return "05", true
	case "s":
		return "5", true
	case "a":
		return "PM", true
	case "XXX":
		return "Z07:00", true
	case "XX":
		return "Z0700", true
	case "T":
		return "T", true
	}
	return "", false
}
