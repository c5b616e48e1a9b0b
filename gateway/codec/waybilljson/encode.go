package waybilljson

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"waybill/tracking"
)

// encoded is the JSON of a fix with what it doesn't know left out.
type encoded struct {
	Time       string         `json:"time"`
	Longitude  float64        `json:"longitude"`
	Latitude   float64        `json:"latitude"`
	Altitude   *float64       `json:"altitude,omitempty"`
	Speed      *float64       `json:"speed,omitempty"`
	Course     *float64       `json:"course,omitempty"`
	Accuracy   *float64       `json:"accuracy,omitempty"`
	Satellites *int           `json:"satellites,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Encode writes fixes as one message, an array, that [Decode] reads back the same.
// It is an error when there are more than [MaxFixes], or a value is no JSON.
func Encode(fixes []tracking.Fix) ([]byte, error) {
	if len(fixes) > MaxFixes {
		return nil, fmt.Errorf("%d fixes are too many for one message, at most %d", len(fixes), MaxFixes)
	}
	message := make([]encoded, len(fixes))
	for i := range fixes {
		f := &fixes[i]
		message[i] = encoded{
			Time: f.Time.UTC().Format(time.RFC3339Nano), Longitude: f.Position.Lon(), Latitude: f.Position.Lat(),
			Altitude: known(f.Altitude), Speed: known(f.Speed), Course: known(f.Course), Accuracy: known(f.Accuracy),
			Attributes: f.Attributes,
		}
		if f.Satellites >= 0 {
			message[i].Satellites = &f.Satellites
		}
	}
	return json.Marshal(message)
}

func known(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}
