package gateway

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// Piece is a stretch of a long text whose parts are all there.
type Piece struct {
	// First and Last are the numbers of its parts.
	First, Last int
	Text        string
}

// HandleIncomplete keeps a long text, of so many parts in total, whose missing parts did not come. It is not read, for
// half of a number is a number, too; who replays it has the pieces read. Errors are those of [Intake.Accept].
func (t *Texts) HandleIncomplete(ctx context.Context, text Text, total int, pieces []Piece) error {
	m := &Message{
		Road: RoadSMS, Sender: text.Sender, Payload: []byte(withGaps(total, pieces)), ID: text.ID, Sent: text.Time, Received: time.Now(),
		Topic: fmt.Sprintf("%s of %d parts", numbers(pieces), total),
	}
	device, err := t.Directory.ByPhone(ctx, m.Sender)
	reading, err := Identified(device, err, m.Sender)
	if err != nil && rejection(err) == nil {
		return err
	}
	return t.Intake.Reject(ctx, m, reading.Device, &Rejection{
		Reason: ReasonIncomplete, Detail: fmt.Sprintf("only %s of the %d parts of this text have come", numbers(pieces), total),
	})
}

// numbers lists which parts there are: "1-3, 5".
func numbers(pieces []Piece) string {
	all := make([]string, len(pieces))
	for i, p := range pieces {
		all[i] = fmt.Sprint(p.First)
		if p.Last > p.First {
			all[i] = fmt.Sprintf("%d-%d", p.First, p.Last)
		}
	}
	return strings.Join(all, ", ")
}

// withGaps writes the pieces down with a line of its own for each part that is missing.
func withGaps(total int, pieces []Piece) string {
	var s strings.Builder
	next := 1
	gap := func(until int) {
		for ; next < until; next++ {
			fmt.Fprintf(&s, "\n[part %d of %d is missing]\n", next, total)
		}
	}
	for _, p := range pieces {
		gap(p.First)
		s.WriteString(p.Text)
		next = p.Last + 1
	}
	gap(total + 1)
	return s.String()
}

// gaps finds what withGaps has put between pieces.
var gaps = regexp.MustCompile(`(?:\n\[part \d+ of \d+ is missing\]\n)+`)

// readPieces reads each piece of a text by itself. What stands next to a gap may be torn, so nothing of it is read up to
// the next blank.
func (t *Texts) readPieces(m *Message, device tracking.Device, reading Reading) (Reading, error) {
	text := strings.ToValidUTF8(string(m.Payload), "\uFFFD")
	var fixes []tracking.Fix
	from, torn := 0, false
	read := func(piece string, tornAfter bool) {
		if torn {
			piece = piece[strings.IndexAny(piece+" ", " \t\r\n"):]
		}
		if tornAfter {
			piece = piece[:strings.LastIndexAny(" "+piece, " \t\r\n")]
		}
		if format, found, err := t.Decode([]byte(strings.TrimSpace(piece)), device.Zone); err == nil {
			reading.Format = format
			fixes = append(fixes, found...)
		}
	}
	for _, gap := range gaps.FindAllStringIndex(text, -1) {
		read(text[from:gap[0]], true)
		from, torn = gap[1], true
	}
	read(text[from:], false)
	if len(fixes) == 0 {
		return reading, &Rejection{Reason: ReasonIncomplete, Detail: "nothing can be read in what there is of it (" + m.Topic + ")"}
	}
	reading.Parts = codec.Parts(fixes)
	return reading, sameUnit(device, fixes)
}
