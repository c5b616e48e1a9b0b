package waybilljson

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"waybill/gateway/codec"
)

// Bounds of the attributes of a fix.
const (
	maxAttributes      = 64
	maxAttributeName   = 64
	maxAttributesBytes = 4096
)

// lastSecond is the last of the year 9999.
const lastSecond = 253402300799

// number is a number that may be missing or null.
type number struct {
	value float64
	known bool
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (n *number) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case jsontext.KindNull:
		return nil
	case jsontext.KindNumber:
		n.value, err = token.Float()
		n.known = true
		return err
	default:
		return &json.SemanticError{JSONKind: token.Kind(), JSONPointer: d.StackPointer()}
	}
}

func (n number) set(to *float64) {
	if n.known {
		*to = n.value
	}
}

// kindName is what people call a kind of JSON.
func kindName(k jsontext.Kind) string {
	switch k {
	case jsontext.KindTrue, jsontext.KindFalse:
		return "bool"
	case jsontext.KindBeginObject:
		return "object"
	case jsontext.KindBeginArray:
		return "array"
	default:
		return k.String()
	}
}

// readTime reads RFC 3339 text or seconds of Unix time, rounded to the microsecond.
func readTime(raw jsontext.Value) (time.Time, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return time.Time{}, &codec.Error{Reason: codec.ReasonTime, Detail: "time is missing"}
	}
	if raw[0] == '"' {
		var s string
		if err := unmarshal(raw, &s); err != nil {
			return time.Time{}, syntax(err)
		}
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return time.Time{}, &codec.Error{Reason: codec.ReasonTime, Detail: fmt.Sprintf("time %.40q is not RFC 3339", s)}
		}
		return t.UTC().Round(time.Microsecond), nil
	}
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.Abs(seconds) > lastSecond {
		return time.Time{}, &codec.Error{Reason: codec.ReasonTime, Detail: fmt.Sprintf("time %.40s is no time of this era in seconds", raw)}
	}
	// A float holds microseconds exactly until the year 2255.
	return time.UnixMicro(int64(math.Round(seconds * 1e6))).UTC(), nil
}

// readAttributes reads the object of attributes; nil when there are none.
func readAttributes(raw jsontext.Value) (map[string]any, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	if len(raw) > maxAttributesBytes {
		return nil, &codec.Error{Reason: codec.ReasonTooLarge, Detail: fmt.Sprintf("attributes have %d bytes, at most %d are stored", len(raw), maxAttributesBytes)}
	}
	// PostgreSQL's JSON can't hold this character, and \u0000 is its only spelling in JSON.
	if strings.Contains(string(raw), `\u0000`) {
		return nil, &codec.Error{Reason: codec.ReasonSyntax, Detail: "attributes hold a zero character"}
	}
	var attributes map[string]any
	if err := unmarshal(raw, &attributes); err != nil {
		return nil, &codec.Error{Reason: codec.ReasonSyntax, Detail: fmt.Sprintf("attributes: %.200s", err.Error())}
	}
	if len(attributes) > maxAttributes {
		return nil, &codec.Error{Reason: codec.ReasonTooLarge, Detail: fmt.Sprintf("%d attributes, at most %d are stored", len(attributes), maxAttributes)}
	}
	for name := range attributes {
		if !isName(name) {
			return nil, &codec.Error{Reason: codec.ReasonSyntax, Detail: fmt.Sprintf("attribute %.80q is not named in lower snake case", name)}
		}
	}
	if len(attributes) == 0 {
		return nil, nil
	}
	return attributes, nil
}

func isName(s string) bool {
	if s == "" || len(s) > maxAttributeName {
		return false
	}
	for i, c := range []byte(s) {
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return true
}
