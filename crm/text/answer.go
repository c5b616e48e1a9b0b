package text

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"waybill/crm"
	"waybill/crm/location"
	"waybill/crm/order"
	"waybill/crm/place"
)

// Answer says where the order is: how far, where, and when it is promised, in the
// language, with times in the zone. It has one part where it can be written in GSM
// 7-bit, and two at most where it can't; what says least is left out for that.
func Answer(at location.Location, language string, zone *time.Location) string {
	w := answerer{words: wordsOf(language), zone: zone}
	var text string
	for _, detail := range []detail{everything, withoutHead, withoutFacility, leastOfAll} {
		text = w.say(at, detail)
		if fits(text) {
			break
		}
	}
	if _, asks := Read(text); asks {
		text = w.say(at, withoutHead) // An order may be called anything.
	}
	return cut(text)
}

// detail is how much is said; each is less than the one before.
type detail int

const (
	everything detail = iota
	withoutHead
	withoutFacility
	leastOfAll
)

// answerer makes sentences.
type answerer struct {
	*words

	zone *time.Location
}

func (a answerer) say(at location.Location, detail detail) string {
	head := ""
	if detail == everything {
		head = fill(a.head, "order", at.Order.ID)
	}
	if len(at.Shipments) == 0 {
		return head + a.sentences(a.notYetMade, a.promise(at.Order, true))
	}
	shipment, done := foremost(at)
	if len(at.Shipments) > 1 {
		template := a.several
		if done == 0 {
			template = a.several1
		}
		head += fill(template, "count", strconv.Itoa(len(at.Shipments)), "done", strconv.Itoa(done)) +
			fill(a.shipment, "number", shipment.ID)
	}
	when, promise := a.when(shipment), ""
	if !atEnd(shipment.Stage) {
		promise = a.promise(at.Order, detail < leastOfAll)
	}
	if when != "" && when != a.placeUnknown && (promise == "" || at.Order.Promised == (order.Window{})) {
		when += a.inZone(shipment.Since) // Else the promise says it.
	}
	return head + fold(a.sentences(a.where(shipment, detail), when, a.trouble(shipment), promise))
}

// sentences joins what is not empty.
func (a answerer) sentences(all ...string) string {
	var said []string
	for _, s := range all {
		if s != "" {
			said = append(said, strings.TrimSuffix(s, a.end)+a.end)
		}
	}
	return strings.Join(said, a.between)
}

// foremost is the shipment that the answer is about, and how many are with the
// customer: what needs attention first, then what is nearest to the customer.
func foremost(at location.Location) (location.Shipment, int) {
	statuses := make([]order.Status, 0, len(at.Shipments))
	done := 0
	for i := range at.Shipments {
		if atEnd(at.Shipments[i].Stage) {
			done++
			continue
		}
		statuses = append(statuses, at.Shipments[i].Status)
	}
	combined := order.Combine(statuses)
	for i := range at.Shipments {
		if s := at.Shipments[i]; !atEnd(s.Stage) && s.Status == combined {
			return s, done
		}
	}
	return at.Shipments[len(at.Shipments)-1], done
}

func atEnd(stage order.Stage) bool {
	return stage == order.Delivered || stage == order.Installed || stage == order.Returned
}

// where is the sentence that answers "where is my order?".
func (a answerer) where(s location.Shipment, detail detail) string {
	name := ""
	if s.Place != nil {
		name = s.Place.DisplayName
		if facility := s.Place.Facility; facility != "" && facility != name && detail < withoutFacility {
			name = fill(a.inside, "place", name, "facility", facility)
		}
	}
	named := func(with, without string) string {
		if name == "" {
			return without
		}
		return fill(with, "place", name)
	}
	switch s.Stage {
	case order.Production:
		return named(a.madeAt, a.made)
	case order.Warehouse:
		return named(a.storedAt, a.stored)
	case order.Transit:
		return a.inTransit(s, name)
	case order.Delivered:
		return named(a.deliveredAt, a.delivered)
	case order.Installed:
		return named(a.installedAt, a.installed)
	case order.Returned:
		return a.returned
	default:
		return named(a.at, a.notYetMade)
	}
}

func (a answerer) inTransit(s location.Shipment, name string) string {
	if s.Place != nil && s.Place.Kind != crm.Vehicle && name != "" {
		return fill(a.at, "place", name)
	}
	if s.Nearest == nil || s.Nearest.DisplayName == "" {
		return a.onTheWay
	}
	if there(s.Nearest) {
		return fill(a.onTheWayAt, "near", s.Nearest.DisplayName)
	}
	return fill(a.onTheWayNear, "near", fill(a.offset,
		"distance", a.distance(s.Nearest.Distance), "compass", a.compass[point(s.Nearest.Bearing)], "place", s.Nearest.DisplayName))
}

// there says that a place's own extent is larger than the distance from its middle.
func there(near *place.Near) bool { return near.Distance < 1500 }

// point is the point of the compass, clockwise from north.
func point(degrees float64) int {
	return int(math.Round(math.Mod(math.Mod(degrees, 360)+360, 360)/45)) % 8
}

func (a answerer) distance(metres float64) string {
	const far, coarse = 1000, 10_000
	switch {
	case metres >= coarse:
		return fill(a.kilometres, "number", strconv.FormatFloat(metres/far, 'f', 0, 64))
	case metres >= far:
		return fill(a.kilometres, "number", strings.TrimSuffix(strconv.FormatFloat(metres/far, 'f', 1, 64), ".0"))
	default:
		return fill(a.metres, "number", strconv.FormatFloat(math.Round(metres/50)*50, 'f', 0, 64))
	}
}

// when says how old that is. A text may be read much later than it was written, so it
// gives the time and not the age.
func (a answerer) when(s location.Shipment) string {
	switch s.Freshness {
	case location.Live:
		return fill(a.seen, "time", a.time(s.AsOf))
	case location.LastKnown:
		return fill(a.lastKnown, "time", a.time(s.AsOf))
	case location.Fixed:
		if s.Since.IsZero() {
			return ""
		}
		if s.Stage == order.Delivered {
			return fill(a.handedOver, "time", a.time(s.Since))
		}
		return fill(a.since, "time", a.time(s.Since))
	case location.Unknown:
		if s.Unknown != location.NotYetMade {
			return a.placeUnknown
		}
	}
	return ""
}

func (a answerer) trouble(s location.Shipment) string {
	switch {
	case s.Disposition == order.Damaged:
		return a.damaged
	case s.Status == order.StatusException:
		return a.wrong
	case s.Status == order.StatusAttemptFail:
		return a.attemptFail
	case s.Status == order.StatusExpired:
		return a.silence
	}
	return ""
}

func (a answerer) promise(o order.Order, sayNone bool) string {
	if o.Promised == (order.Window{}) {
		if sayNone {
			return a.notPromised
		}
		return ""
	}
	from, to := o.Promised.From.In(a.zone), o.Promised.To.In(a.zone)
	template, end := a.acrossDays, to.Format(a.moment)
	if from.YearDay() == to.YearDay() && from.Year() == to.Year() {
		template, end = a.sameDay, to.Format(a.clock)
	}
	window := fill(template, "from", from.Format(a.moment), "to", end)
	return fill(a.promised, "time", window) + a.inZone(from)
}

// inZone says in which zone a time is that was just said.
func (a answerer) inZone(at time.Time) string {
	return fill(a.words.zone, "zone", offset(at.In(a.zone)))
}

func (a answerer) time(at time.Time) string { return at.In(a.zone).Format(a.moment) }

// offset is how far the zone is from UTC: UTC+8, UTC+5:30.
func offset(at time.Time) string {
	_, seconds := at.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	hours, minutes := seconds/3600, seconds%3600/60
	if minutes == 0 {
		return fmt.Sprintf("UTC%c%d", sign, hours)
	}
	return fmt.Sprintf("UTC%c%d:%02d", sign, hours, minutes)
}

// fill puts values, which follow their names, in the place of the names in braces.
func fill(template string, values ...string) string {
	pairs := make([]string, 0, len(values))
	for i, v := range values {
		if i%2 == 0 {
			v = "{" + v + "}"
		}
		pairs = append(pairs, v)
	}
	return strings.NewReplacer(pairs...).Replace(template)
}
