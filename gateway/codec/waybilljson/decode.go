package waybilljson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/paulmach/orb"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// Name is the format's name.
const Name = "waybill"

// MaxFixes is how many fixes one message may hold.
const MaxFixes = 10_000

// object is the JSON of a fix, see the package.
type object struct {
	Time       json.RawMessage `json:"time"`
	Longitude  *float64        `json:"longitude"`
	Latitude   *float64        `json:"latitude"`
	Altitude   *float64        `json:"altitude"`
	Speed      *float64        `json:"speed"`
	Course     *float64        `json:"course"`
	Accuracy   *float64        `json:"accuracy"`
	Satellites *int            `json:"satellites"`
	Attributes json.RawMessage `json:"attributes"`
}

// Decode reads a message. It is a [codec.DecodeMessage]; an empty array and an empty message (which clears a retained
// one) give no parts and no error.
func Decode(payload []byte) ([]codec.Part, error) {
	payload = bytes.TrimSpace(payload)
	if len(payload) == 0 {
		return nil, nil
	}
	switch payload[0] {
	case '{':
		fix, err := decodeFix(payload)
		if err != nil {
			return nil, err
		}
		return []codec.Part{{Fix: fix}}, nil
	case '[':
		return decodeArray(payload)
	default:
		return nil, codec.ErrNotMine
	}
}

func decodeArray(payload []byte) ([]codec.Part, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(payload, &elements); err != nil {
		return nil, syntax(err)
	}
	if len(elements) > MaxFixes {
		return nil, &codec.Error{Reason: codec.ReasonTooLarge, Detail: fmt.Sprintf("%d fixes in one message, at most %d are read", len(elements), MaxFixes)}
	}
	parts := make([]codec.Part, len(elements))
	for i, raw := range elements {
		parts[i].Raw = raw
		parts[i].Fix, parts[i].Err = decodeFix(raw)
	}
	return parts, nil
}

func decodeFix(raw []byte) (tracking.Fix, error) {
	var o object
	if err := strict(raw, &o); err != nil {
		return tracking.Fix{}, err
	}
	at, err := readTime(o.Time)
	if err != nil {
		return tracking.Fix{}, err
	}
	if o.Longitude == nil || o.Latitude == nil {
		return tracking.Fix{}, &codec.Error{Reason: codec.ReasonSyntax, Detail: "longitude or latitude is missing"}
	}
	if math.Abs(*o.Latitude) > 90 || math.Abs(*o.Longitude) > 180 {
		return tracking.Fix{}, &codec.Error{Reason: codec.ReasonPosition, Detail: fmt.Sprintf("latitude %g, longitude %g", *o.Latitude, *o.Longitude)}
	}
	fix := tracking.NewFix(at, orb.Point{*o.Longitude, *o.Latitude})
	set(&fix.Altitude, o.Altitude)
	set(&fix.Speed, o.Speed)
	set(&fix.Course, o.Course)
	set(&fix.Accuracy, o.Accuracy)
	if o.Satellites != nil {
		fix.Satellites = *o.Satellites
	}
	fix.Attributes, err = readAttributes(o.Attributes)
	return fix, err
}

// strict reads one value that has no unknown members and nothing behind it.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return syntax(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &codec.Error{Reason: codec.ReasonSyntax, Detail: "something follows the JSON value"}
	}
	return nil
}

// syntax makes an answer of an error of package json.
func syntax(err error) *codec.Error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &codec.Error{Reason: codec.ReasonSyntax, Detail: "the JSON ends in the middle"}
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		if kind.Field == "" {
			return &codec.Error{Reason: codec.ReasonSyntax, Detail: "a fix has to be an object, this is a " + kind.Value}
		}
		return &codec.Error{Reason: codec.ReasonNumber, Detail: fmt.Sprintf("%s can't be a %s", kind.Field, kind.Value)}
	}
	return &codec.Error{Reason: codec.ReasonSyntax, Detail: fmt.Sprintf("not JSON of a fix, or not whole: %.200s", err.Error())}
}

func set(to, v *float64) {
	if v != nil {
		*to = *v
	}
}
