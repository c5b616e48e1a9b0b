package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"waybill/gateway/codec"
	"waybill/gateway/codec/alarm"
	"waybill/tracking"
)

// RoadSMS is the name of the road that texts come by.
const RoadSMS = "sms"

// Text is a text message (SMS) that came in.
type Text struct {
	// ID tells the text from every other and is the same when it comes again: 64 hexadecimal digits.
	ID string
	// Sender is the number as the network gave it.
	Sender string
	// Time is when the service centre had it, UTC.
	Time time.Time
	// Body is what it says; for an 8-bit message, its bytes.
	Body []byte
}

// Texts is the road of text messages: the sender's number says which device it is, and the formats are tried in order
// with that device's time zone.
type Texts struct {
	Intake    *Intake
	Directory Directory
	Formats   codec.Texts
	// Binaries are formats of 8-bit messages. They are tried first, on the bytes as they came.
	Binaries codec.Binaries
	// Taught tries what operators taught on texts that no built-in format could read; nil for nothing.
	Taught Taught
	// People is who talks with people; nil for nobody.
	People Correspondent
	// Answers knows what devices may answer; nil where nothing is asked.
	Answers Answers
}

// Taught knows formats of texts that were taught.
type Taught interface {
	// Decode returns what [codec.Texts.Decode] does, and [tracking.ErrUnavailable] when it can't tell now. Sent is when the
	// text was sent.
	Decode(ctx context.Context, text string, sent time.Time, zone *time.Location) (format string, fixes []tracking.Fix, err error)
}

// Correspondent talks with people: what no device has sent is theirs to take.
type Correspondent interface {
	// ReceiveText returns true when the text is committed, or was before: it is known by its id. False says that the
	// text asks for nothing, and its number is nobody's. With an error nothing was decided: the text must come again.
	ReceiveText(ctx context.Context, text Text) (taken bool, err error)
}

// HandleText takes in a text. When it returns no error the text may be deleted from the SIM; with an error it has to
// stay. Errors are those of [Intake.Accept].
func (t *Texts) HandleText(ctx context.Context, text Text) error {
	if taken, err := t.personal(ctx, text); taken || err != nil {
		return err
	}
	road := Road(t)
	if t.Answers != nil {
		road = answering{t, text}
	}
	return t.Intake.Accept(ctx, road, &Message{
		// Not alone: whoever reads a SIM reads the texts of many senders, one after the other.
		Road: RoadSMS, Sender: text.Sender, Payload: text.Body, ID: text.ID, Sent: text.Time, Received: time.Now(),
	})
}

// personal has a text that is no device's taken as a person's.
func (t *Texts) personal(ctx context.Context, text Text) (taken bool, err error) {
	if t.People == nil || !utf8.Valid(text.Body) {
		return false, nil
	}
	if _, err = t.Directory.ByPhone(ctx, text.Sender); !errors.Is(err, tracking.ErrNotFound) {
		return false, nil // It is a device's, or the directory is away, which Read finds out.
	}
	taken, err = t.People.ReceiveText(ctx, text)
	if err != nil {
		t.Intake.metrics.deferred.WithLabelValues(RoadSMS).Inc()
		return false, fmt.Errorf("take a text of %s: %w", text.Sender, err)
	}
	return taken, nil
}

// Read implements [Road].
func (t *Texts) Read(ctx context.Context, m *Message) (Reading, error) {
	device, err := t.Directory.ByPhone(ctx, m.Sender)
	reading, err := Identified(device, err, m.Sender)
	if err != nil {
		return reading, err
	}
	if m.Topic != "" {
		return t.readPieces(m, device, reading)
	}
	format, fixes, err := t.understand(ctx, m, device.Zone)
	reading.Format = format
	if errors.Is(err, tracking.ErrUnavailable) {
		return reading, err
	}
	if err != nil {
		reading.Alarm = alarmIn(m.Payload, err)
		return reading, err
	}
	if err := sameUnit(device, fixes); err != nil {
		reading.Alarm, _ = fixes[0].Attributes["alarm"].(string)
		return reading, err
	}
	reading.Parts = codec.Parts(fixes)
	return reading, nil
}

// understand tries the built-in formats, and where none could read the message, those that were taught. What a built-in
// one has read, or knows to be no fix, nobody has to teach.
func (t *Texts) understand(ctx context.Context, m *Message, zone *time.Location) (format string, fixes []tracking.Fix, err error) {
	format, fixes, err = t.Decode(m.Payload, zone)
	if err == nil || errors.Is(err, codec.ErrNoFix) || t.Taught == nil {
		return format, fixes, err
	}
	taught, found, why := t.Taught.Decode(ctx, text(m.Payload), m.Sent, zone)
	if errors.Is(why, codec.ErrNotMine) {
		return format, fixes, err
	}
	return taught, found, why
}

// text is what the payload says as far as it is one.
func text(payload []byte) string { return strings.ToValidUTF8(string(payload), "\uFFFD") }

// alarmIn is what a text warns of in which there is no fix, or none that can be read.
func alarmIn(payload []byte, err error) string {
	var unlocated *codec.Unlocated
	if errors.As(err, &unlocated) {
		return unlocated.Alarm
	}
	return alarm.Leading(string(payload))
}

// Decode tries the formats of bytes, and then those of texts: some units send their texts as 8-bit data, too. Errors are
// those of package codec.
func (t *Texts) Decode(payload []byte, zone *time.Location) (format string, fixes []tracking.Fix, err error) {
	format, fixes, err = t.Binaries.Decode(payload)
	if errors.Is(err, codec.ErrNotMine) {
		return t.Formats.Decode(text(payload), zone)
	}
	return format, fixes, err
}

// sameUnit refuses what a unit says that is not the device's: the SIM was put into another one. Only some formats name
// their unit, and only some devices have theirs on record.
func sameUnit(device tracking.Device, fixes []tracking.Fix) error {
	for i := range fixes {
		imei, ok := fixes[i].Attributes["imei"].(string)
		if ok && device.IMEI != "" && imei != device.IMEI {
			return &Rejection{
				Reason: ReasonOtherUnit,
				Detail: "the unit with the IMEI " + imei + " sent it, and the device " + device.UID + " has the IMEI " + device.IMEI,
			}
		}
	}
	return nil
}
