package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"waybill/gateway/codec/alarm"
	"waybill/tracking"
)

// tell records an alarm for which there is no fix: somebody may be waiting for help. Otherwise is when it was said where
// the message doesn't tell. It says whether that was done, or had been before; where it was not, the message stays
// rejected input. An error means that nothing was decided.
func (in *Intake) tell(ctx context.Context, m *Message, reading Reading, word string, otherwise time.Time) (told bool, err error) {
	if !alarm.Known(word) || reading.Device == "" || in.events == nil {
		return false, nil
	}
	event := tracking.DeviceEvent{
		Device: reading.Device, ID: m.ID, Kind: word, Time: m.Sent, Received: m.Received, Source: source(m, reading), Text: m.words(),
	}
	if event.ID == "" {
		event.ID = m.digest()
	}
	if event.Time.IsZero() {
		event.Time = otherwise
	}
	if event.Time.IsZero() || event.Time.After(event.Received) {
		event.Time = event.Received // a centre whose clock is fast must not make an alarm one of the future
	}
	outcome, err := in.events.RecordDeviceEvent(ctx, event)
	switch {
	case err != nil:
		return false, fmt.Errorf("record the alarm of %s: %w", reading.Device, err)
	case outcome.Kind == tracking.Stored:
		in.metrics.events.WithLabelValues(m.Road, word).Inc()
		in.log.LogAttrs(ctx, slog.LevelInfo, "alarm without a fix", slog.String("device", reading.Device), slog.String("alarm", word),
			slog.String("source", event.Source), slog.Time("sent", event.Time))
	case outcome.Kind == tracking.Retry:
		return false, fmt.Errorf("record the alarm of %s: nothing was decided: %w", reading.Device, tracking.ErrUnavailable)
	}
	return outcome.Kind != tracking.Rejected, nil
}

// digest tells messages apart that have no id, by what they say and when that was sent.
func (m *Message) digest() string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\x00%s\x00%d\x00", m.Road, m.Sender, m.Sent.UnixMicro())
	_, _ = h.Write(m.Payload)
	return hex.EncodeToString(h.Sum(nil))
}

// words are what the message says, as far as an event has room for it.
func (m *Message) words() string {
	text := storable(string(m.Payload), tracking.MaxEventText)
	return strings.ToValidUTF8(text[:min(len(text), tracking.MaxEventText)], "")
}

// refusedAlarm is the alarm of the first report that says one and could not be stored, and when that was: its time is
// wrong, or another fix of the same minute was there before.
func refusedAlarm(reading Reading, outcomes []tracking.Outcome, parts []int) (word string, at time.Time) {
	for i, o := range outcomes {
		if o.Kind != tracking.Conflict && o.Kind != tracking.Rejected {
			continue
		}
		fix := &reading.Parts[parts[i]].Fix
		if word, ok := fix.Attributes["alarm"].(string); ok && alarm.Known(word) {
			return word, fix.Time
		}
	}
	return "", time.Time{}
}
