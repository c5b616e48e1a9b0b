package tracking

import (
	"math"
	"slices"
	"strconv"
)

// mostAttributes is how many attributes the fast way takes.
const mostAttributes = 32

// appendFlat appends attributes as JSON, names in order so that the same fix gives the
// same bytes, when they are what units mostly say: plain numbers, yes or no, short plain
// texts. For anything else it gives false, and encoding/json has to do it, which takes
// some four times as long (BenchmarkAttributes) and does so for each fix.
func appendFlat(b []byte, attributes map[string]any) ([]byte, bool) {
	if len(attributes) > mostAttributes {
		return nil, false
	}
	var room [mostAttributes]string
	names := room[:0]
	for name := range attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		if !isPlain(name) {
			return nil, false
		}
		b = append(append(append(b, '"'), name...), `":`...)
		var ok bool
		if b, ok = appendScalar(b, attributes[name]); !ok {
			return nil, false
		}
	}
	return append(b, '}'), true
}

func appendScalar(b []byte, value any) ([]byte, bool) {
	switch value := value.(type) {
	case nil:
		return append(b, "null"...), true
	case bool:
		return strconv.AppendBool(b, value), true
	case int:
		return strconv.AppendInt(b, int64(value), 10), true
	case int64:
		return strconv.AppendInt(b, value, 10), true
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return nil, false
		}
		return strconv.AppendFloat(b, value, 'g', -1, 64), true
	case string:
		if !isPlain(value) {
			return nil, false
		}
		return append(append(append(b, '"'), value...), '"'), true
	}
	return nil, false
}

// isPlain says that the text is the same in JSON.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
