package owntracks

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"waybill/gateway/codec"
)

// maxText is the longest text that becomes an attribute, in bytes.
const maxText = 256

var errNumber = errors.New("a number is needed")

// num is a number, or a string that holds one.
type num float64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *num) UnmarshalJSON(raw []byte) error {
	s := string(raw)
	if strings.HasPrefix(s, `"`) {
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
	}
	v, err := codec.Number(s)
	if err != nil {
		return fmt.Errorf("%.40q: %w", s, errNumber)
	}
	*n = num(v)
	return nil
}

// text is a string that can be stored, cut at [maxText].
type text string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	*t = text(clean(s))
	return nil
}

// clean takes out what PostgreSQL's JSON can't hold, and what is too long.
func clean(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}
