package waybilljson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
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
	Time       jsontext.Value `json:"time"`
	Longitude  number         `json:"longitude"`
	Latitude   number         `json:"latitude"`
	Altitude   number         `json:"altitude"`
	Speed      number         `json:"speed"`
	Course     number         `json:"course"`
	Accuracy   number         `json:"accuracy"`
	Satellites *int           `json:"satellites"`
	Attributes jsontext.Value `json:"attributes"`
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
	var elements []jsontext.Value
	if err := unmarshal(payload, &elements); err != nil {
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
	if err := unmarshal(raw, &o); err != nil {
		return tracking.Fix{}, syntax(err)
	}
	at, err := readTime(o.Time)
	if err != nil {
		return tracking.Fix{}, err
	}
	if at.IsZero() {
		return tracking.Fix{}, &codec.Error{Reason: codec.ReasonTime, Detail: "time is the year 1, as of a clock that was never set"}
	}
	if !o.Longitude.known || !o.Latitude.known {
		return tracking.Fix{}, &codec.Error{Reason: codec.ReasonSyntax, Detail: "longitude or latitude is missing"}
	}
	longitude, latitude := o.Longitude.value, o.Latitude.value
	if math.Abs(latitude) > 90 || math.Abs(longitude) > 180 {
		return tracking.Fix{}, &codec.Error{Reason: codec.ReasonPosition, Detail: fmt.Sprintf("latitude %g, longitude %g", latitude, longitude)}
	}
	fix := tracking.NewFix(at, orb.Point{longitude, latitude})
	o.Altitude.set(&fix.Altitude)
	o.Speed.set(&fix.Speed)
	o.Course.set(&fix.Course)
	o.Accuracy.set(&fix.Accuracy)
	if o.Satellites != nil {
		fix.Satellites = *o.Satellites
	}
	fix.Attributes, err = readAttributes(o.Attributes)
	return fix, err
}

// unmarshal reads one value. Members that nobody knows are an error, and so are those that are there twice: a value
// would be lost.
func unmarshal(raw []byte, into any) error {
	return json.Unmarshal(raw, into, json.RejectUnknownMembers(true), json.MatchCaseInsensitiveNames(true), jsontext.AllowInvalidUTF8(true))
}

// syntax makes an answer of an error of package json.
func syntax(err error) *codec.Error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &codec.Error{Reason: codec.ReasonSyntax, Detail: "the JSON ends in the middle"}
	}
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		name := wrong.JSONPointer.LastToken()
		switch {
		case errors.Is(err, json.ErrUnknownName):
			return &codec.Error{Reason: codec.ReasonSyntax, Detail: fmt.Sprintf("no member of a fix is named %.80q; what else a unit says belongs into attributes", name)}
		case wrong.JSONPointer == "":
			return &codec.Error{Reason: codec.ReasonSyntax, Detail: "a fix has to be an object, this is a " + kindName(wrong.JSONKind)}
		}
		if k := wrong.JSONKind; k == jsontext.KindNumber || k == jsontext.KindInvalid {
			return &codec.Error{Reason: codec.ReasonNumber, Detail: name + " can't be that number"}
		}
		return &codec.Error{Reason: codec.ReasonNumber, Detail: fmt.Sprintf("%s can't be a %s", name, kindName(wrong.JSONKind))}
	}
	if wrong, ok := errors.AsType[*jsontext.SyntacticError](err); ok && errors.Is(err, jsontext.ErrDuplicateName) {
		return &codec.Error{Reason: codec.ReasonSyntax, Detail: fmt.Sprintf("%.80q is there twice", wrong.JSONPointer.LastToken())}
	}
	return &codec.Error{Reason: codec.ReasonSyntax, Detail: fmt.Sprintf("not JSON of a fix, or not whole: %.200s", err.Error())}
}
