package e2e_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	geov1 "waybill/proto/waybill/geo/v1"
)

// fix is one as Waybill's own JSON has it.
type fix struct {
	Time       time.Time      `json:"time"`
	Longitude  float64        `json:"longitude"`
	Latitude   float64        `json:"latitude"`
	Speed      *float64       `json:"speed,omitempty"`
	Accuracy   *float64       `json:"accuracy,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Where the journeys are: places in metres east of home, on one road.
const (
	homeLon, homeLat = 121.0, 31.0
	perDegree        = 111_195.0 // metres of latitude

	works, edge, town, harbour = 0.0, 2500.0, 4000.0, 7000.0
)

// pointAt is the place so many metres east and north of home.
func pointAt(east, north float64) *geov1.Point {
	return &geov1.Point{
		Longitude: homeLon + east/perDegree/math.Cos(homeLat*math.Pi/180),
		Latitude:  homeLat + north/perDegree,
	}
}

// journey is a unit on its way between the places.
type journey struct {
	chance  *rand.Rand
	at      time.Time
	east    float64
	aside   float64 // how far it has turned out to be from where it was, metres north
	battery float64
	running bool // the engine
	fixes   []fix
}

// travel makes n fixes of a unit that drives from place to place and stops there,
// with what goes wrong on the way: silence, fixes that can't be, a tow to elsewhere.
func travel(chance *rand.Rand, start time.Time, n int) []fix {
	j := &journey{chance: chance, at: start, battery: 30 + 40*chance.Float64()}
	places := []float64{works, edge, town, harbour}
	for len(j.fixes) < n {
		if chance.IntN(4) == 0 {
			j.pass(8*60, 40*60) // silent
		} else {
			j.stand()
		}
		j.drive(places[chance.IntN(len(places))])
	}
	return j.fixes[:n]
}

// stand stays for 2 to 13 minutes.
func (j *journey) stand() {
	j.running = j.chance.IntN(3) == 0
	for range 3 + j.chance.IntN(10) {
		j.pass(40, 65)
		j.report(0)
	}
}

// drive goes to a place, at 6 to 18 m/s.
func (j *journey) drive(to float64) {
	j.running = true
	speed := 6 + 12*j.chance.Float64()
	for j.east != to {
		before := j.at
		j.pass(10, 25)
		way := speed * j.at.Sub(before).Seconds()
		j.east += max(-way, min(to-j.east, way))
		j.report(speed)
	}
}

// pass lets some seconds pass.
func (j *journey) pass(least, most int) {
	j.at = j.at.Add(time.Duration(least+j.chance.IntN(most-least))*time.Second + time.Duration(j.chance.IntN(1_000_000))*time.Microsecond)
}

func (j *journey) report(speed float64) {
	east, north := j.east+10*j.chance.NormFloat64(), j.aside+10*j.chance.NormFloat64()
	f := fix{Time: j.at, Attributes: make(map[string]any)}
	j.signal(f.Attributes)
	if j.chance.IntN(3) > 0 {
		f.Speed = new(max(0, speed+j.chance.NormFloat64()))
	}
	switch j.chance.IntN(150) {
	case 0, 1:
		east, north = 300_000, 0 // it can't have been there
	case 2, 3:
		f.Accuracy = new(5000.0)
	case 4:
		j.aside = 30_000 - j.aside // towed, and later brought back
		north += j.aside
	}
	at := pointAt(east, north)
	f.Longitude, f.Latitude = at.GetLongitude(), at.GetLatitude()
	if j.chance.IntN(75) == 0 {
		f.Longitude, f.Latitude = 0, 0 // it doesn't know
	}
	j.fixes = append(j.fixes, f)
}

// signal says what the unit's inputs say.
func (j *journey) signal(attributes map[string]any) {
	if j.battery--; j.battery < 8 {
		j.battery = 90
	}
	if j.chance.IntN(3) == 0 {
		attributes["battery_percent"] = math.Round(j.battery)
	}
	if j.chance.IntN(2) == 0 {
		attributes["ignition"] = j.running
	}
	if j.chance.IntN(10) == 0 {
		attributes["external_power"] = j.chance.IntN(4) > 0
	}
	if j.chance.IntN(40) == 0 {
		attributes["shock"] = true
	}
}

// disturb makes messages of fixes as a bad network would deliver them: neighbours
// swapped, some far too late, whole stretches held back, some twice.
func disturb(chance *rand.Rand, fixes []fix) [][]fix {
	type sent struct {
		fix fix
		due int
	}
	var queue []sent
	held, until := 0, 0
	for i, f := range fixes {
		due := i
		switch chance.IntN(40) {
		case 0:
			due += chance.IntN(200)
		case 1, 2, 3, 4:
			due += 2 + chance.IntN(2)
		}
		if held == 0 && chance.IntN(150) == 0 {
			held = 5 + chance.IntN(30)
			until = i + held + chance.IntN(60)
		}
		if held > 0 {
			held--
			due = until
		}
		queue = append(queue, sent{f, due})
		if chance.IntN(15) == 0 {
			queue = append(queue, sent{f, due + chance.IntN(30)})
		}
	}
	slices.SortStableFunc(queue, func(a, b sent) int { return a.due - b.due })
	var messages [][]fix
	for len(queue) > 0 {
		n := 1
		if chance.IntN(8) == 0 {
			n = min(2+chance.IntN(10), len(queue))
		}
		message := make([]fix, n)
		for i := range message {
			message[i] = queue[i].fix
		}
		messages, queue = append(messages, message), queue[n:]
	}
	return messages
}
