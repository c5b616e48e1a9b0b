package e2e_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"

	"waybill/gateway/modem/charset"
	"waybill/gateway/modem/emulator"
)

// place is where a unit was at a time, which no two of its texts share.
type place struct {
	unit string
	time int64 // Unix.
}

// refusal is a text that has to be listed as rejected input.
type refusal struct{ sender, reason, payload string }

// chatter is what units and others text, and what has to come of it.
type chatter struct {
	random *rand.Rand
	base   time.Time
	minute map[int]int // By unit: how many minutes were told.

	arrivals [][]emulator.Message // By modem: parts in the order in which they come.
	fixes    map[place][2]float64
	refused  map[refusal]int
	lacking  []emulator.Message // Parts of texts whose others never come, for the first modem.
	texts    int
	long     int
	encoders []*sms.Encoder // By modem: they number long texts.
}

const (
	soakModems = 4
	soakUnits  = 40
)

func unitName(n int) string  { return fmt.Sprintf("unit-%02d", n) }
func unitPhone(n int) string { return fmt.Sprintf("+86138001380%02d", n) }

// talk makes so many texts, the same ones for a seed. The parts of long ones lie among what others send, some in the
// wrong order, some twice.
func talk(t *testing.T, seed uint64, texts int) *chatter {
	t.Helper()
	charset.Prepare()
	c := &chatter{
		random: rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // the same in each run
		base:   time.Now().Add(-72 * time.Hour).Truncate(time.Minute).UTC(),
		minute: map[int]int{}, arrivals: make([][]emulator.Message, soakModems), fixes: map[place][2]float64{}, refused: map[refusal]int{},
	}
	for range soakModems {
		c.encoders = append(c.encoders, sms.NewEncoder(sms.AsDeliver))
	}
	for c.texts < texts {
		unit := c.random.IntN(soakUnits)
		switch n := c.random.IntN(100); {
		case n < 70:
			c.report(t, unit)
		case n < 80:
			c.sentences(t, unit)
		case n < 85:
			c.story(t, unit)
		case n < 99:
			c.nonsense(t, unit)
		default:
			c.torn(t, unit)
		}
		c.texts++
	}
	for _, a := range c.arrivals {
		c.disturb(a)
	}
	return c
}

// next gives the unit's next minute and where it is then, to six decimals.
func (c *chatter) next(unit int) (time.Time, float64, float64) {
	c.minute[unit]++
	round := func(v float64) float64 {
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 6, 64), 64)
		return rounded
	}
	return c.base.Add(time.Duration(c.minute[unit]) * time.Minute), round(120 + c.random.Float64()), round(31 + c.random.Float64())
}

func (c *chatter) expect(unit int, at time.Time, lon, lat float64) {
	c.fixes[place{unitName(unit), at.Unix()}] = [2]float64{lon, lat}
}

// send has a text come in parts as it needs.
func (c *chatter) send(t *testing.T, unit int, from string, content []byte, options ...sms.EncoderOption) []emulator.Message {
	t.Helper()
	modem := unit % soakModems
	parts, err := c.encoders[modem].Encode(content, append(options, sms.From(from))...)
	require.NoError(t, err)
	messages := make([]emulator.Message, len(parts))
	for i, p := range parts {
		p.SCTS = tpdu.Timestamp{Time: c.base.Add(time.Duration(c.texts) * time.Second)}
		raw, err := p.MarshalBinary()
		require.NoError(t, err)
		messages[i] = emulator.Message{
			PDU: "00" + strings.ToUpper(hex.EncodeToString(raw)), Memory: []string{"SM", "ME"}[c.random.IntN(2)],
		}
	}
	if len(parts) > 1 {
		c.long++
	}
	return messages
}

func (c *chatter) arrive(unit int, messages []emulator.Message) {
	c.arrivals[unit%soakModems] = append(c.arrivals[unit%soakModems], messages...)
}

// report is one position in one of the formats.
func (c *chatter) report(t *testing.T, unit int) {
	t.Helper()
	at, lon, lat := c.next(unit)
	text := ""
	var options []sms.EncoderOption
	switch c.random.IntN(11) {
	case 0:
		text = concox(at, lon, lat)
	case 1:
		text = at.Format("<Date Time: 06-01-02 15:04:05> ") + fmt.Sprintf("http://maps.google.com/maps?q=N%.6f,E%.6f", lat, lon)
	case 2:
		text = fmt.Sprintf("lat:%.6f\nlong:%.6f\nspeed:0.00\n%s\nbat:100%%\nhttp://maps.google.com/maps?f=q&q=%.6f,%.6f&z=16",
			lat, lon, at.Format("T:06/01/02 15:04"), lat, lon)
	case 3:
		text = fmt.Sprintf("lat: %.6f long: %.6f speed: 0.00 %s F:3.85V,1,Signal:F imei:354776031555474 05 43.5 460 01 2533 720B",
			lat, lon, at.Format("02/01/06 15.04"))
	case 4:
		text = at.Format("2006/01/02 15:04:05 ") + fmt.Sprintf("Lon:%.6f Lat:%.6f Ignition 1", lon, lat)
	case 5:
		text = at.Format("D:06/1/2 T:15:04:05 ") + fmt.Sprintf("S:0.00 C:%.6f, %.6f Url: http://maps.google.com/?q=%.6f,%.6f&om=1speed:0", lat, lon, lat, lon)
	case 6:
		text = fmt.Sprintf("GPS:1 Sat:10 LAT:%.6f LON:%.6f ALT:9.9 Speed:10 Dir:10 ", lat, lon) + at.Format("Date:2006-01-02 Time:15:04:05")
	case 7:
		text = fmt.Sprintf("http://maps.google.com/maps?q=%.6f,%.6f F1 %s B74%%", lat, lon, at.Format("D2006/01/02T15:04:05"))
	case 8:
		text = at.Format("2006-01-02 15:04:05 ") + fmt.Sprintf("https://www.google.com/maps?q=%.6f,%.6f", lat, lon)
	case 9:
		text, lon, lat = c.sentence(at)
	default:
		var data []byte
		data, lon, lat = c.bits(at)
		text, options = string(data), []sms.EncoderOption{sms.As8Bit}
	}
	c.expect(unit, at, lon, lat)
	c.arrive(unit, c.send(t, unit, unitPhone(unit), []byte(text), options...))
}

// sentence is an NMEA sentence, which has minutes with four decimals.
func (c *chatter) sentence(at time.Time) (text string, lon, lat float64) {
	north, east := c.random.IntN(600_000), c.random.IntN(600_000)
	body := fmt.Sprintf("GPRMC,%s,A,31%02d.%04d,N,120%02d.%04d,E,022.4,084.4,%s,003.1,W", at.Format("150405"),
		north/10_000, north%10_000, east/10_000, east%10_000, at.Format("020106"))
	sum := byte(0)
	for i := range len(body) {
		sum ^= body[i]
	}
	return fmt.Sprintf("$%s*%02X", body, sum), 120 + float64(east)/600_000, 31 + float64(north)/600_000
}

// bits is one position in Teltonika's codec 4.
func (c *chatter) bits(at time.Time) (data []byte, lon, lat float64) {
	const mostLon, mostLat = 1<<21 - 1, 1<<20 - 1
	x, y := uint64((120+180+c.random.Float64())/360*mostLon), uint64((31+90+c.random.Float64())/180*mostLat)
	n := 0
	put := func(v uint64, width int) {
		for i := range width {
			if n%8 == 0 {
				data = append(data, 0)
			}
			data[n/8] |= byte(v>>i&1) << (n % 8)
			n++
		}
	}
	put(4, 8)
	put(uint64(at.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))/time.Second), 35) //nolint:gosec // after 2000
	put(1, 5)
	put(1, 1)
	put(0, 1)
	put(x, 21)
	put(y, 20)
	put(0, 8)
	data = binary.BigEndian.AppendUint64(data, 352848025020328)
	return data, float64(x)*360/mostLon - 180, float64(y)*180/mostLat - 90
}

// sentences are several positions in one long text.
func (c *chatter) sentences(t *testing.T, unit int) {
	t.Helper()
	var lines []string
	for range 3 + c.random.IntN(10) {
		at, _, _ := c.next(unit)
		line, lon, lat := c.sentence(at)
		c.expect(unit, at, lon, lat)
		lines = append(lines, line)
	}
	c.arrive(unit, c.send(t, unit, unitPhone(unit), []byte(strings.Join(lines, "\r\n"))))
}

// story is a long text that no unit sends, in characters that parts are cut within; its sender is nobody's unit in half
// of the cases.
func (c *chatter) story(t *testing.T, unit int) {
	t.Helper()
	body := fmt.Sprintf("第%d号: %s", c.texts, strings.Repeat("货在哪里🚚?", 8+c.random.IntN(30)))
	from, reason := unitPhone(unit), "unknown_format"
	if c.random.IntN(2) == 0 {
		from, reason = fmt.Sprintf("+86139001390%02d", unit), "unknown_device"
	}
	c.refused[refusal{from, reason, body}]++
	c.arrive(unit, c.send(t, unit, from, []byte(body)))
}

// nonsense is a short text that can't become a fix.
func (c *chatter) nonsense(t *testing.T, unit int) {
	t.Helper()
	at, lon, lat := c.next(unit)
	from, reason, body := unitPhone(unit), "", ""
	switch c.random.IntN(5) {
	case 0:
		from, reason, body = fmt.Sprintf("+86139001390%02d", unit), "unknown_device", concox(at, lon, lat)
	case 1:
		reason, body = "unknown_format", fmt.Sprintf("Dear customer, your balance of %d is {low}", c.texts)
	case 2:
		reason, body = "no_fix", "Last position! "+concox(at, lon, lat)
	case 3:
		reason, body = "time_in_future", concox(at.Add(10*365*24*time.Hour), lon, lat)
	default:
		pdu := fmt.Sprintf("00FF%08X", c.texts)
		c.refused[refusal{fmt.Sprintf("modem modem%d", unit%soakModems), "undecodable_pdu", pdu}]++
		c.arrive(unit, []emulator.Message{{PDU: pdu, Memory: "SM"}})
		return
	}
	c.refused[refusal{from, reason, body}]++
	c.arrive(unit, c.send(t, unit, from, []byte(body)))
}

// torn is a long text of which a part never comes.
func (c *chatter) torn(t *testing.T, unit int) {
	t.Helper()
	parts := c.send(t, 0, unitPhone(unit), []byte(fmt.Sprintf("%06d", c.texts)+strings.Repeat("0123456789", 30)))
	c.lacking = append(c.lacking, parts[1:]...)
	c.refused[refusal{unitPhone(unit), "incomplete_text", ""}]++
}

// disturb has what comes to a SIM come in a somewhat other order, and some of it twice.
func (c *chatter) disturb(arrivals []emulator.Message) {
	for i := range arrivals {
		j := min(len(arrivals)-1, i+c.random.IntN(6))
		arrivals[i], arrivals[j] = arrivals[j], arrivals[i]
	}
	for i := range arrivals {
		if i > 0 && c.random.IntN(30) == 0 {
			arrivals[i] = emulator.Message{PDU: arrivals[i].PDU, Memory: arrivals[i].Memory, Text: again}
		}
	}
}

// again marks a message that the network delivers twice.
const again = "again"
