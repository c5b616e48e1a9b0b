package derive

import (
	"time"

	"github.com/paulmach/orb"
)

// Zones finds the zones that a point is in, and what holds there.
type Zones interface {
	// At appends the keys of the zones that contain the point to dst, ascending and
	// each once.
	At(dst []int64, point orb.Point) []int64
	// SpeedLimit of the zone in metres a second, NaN when it has none.
	SpeedLimit(zone int64) float64
}

// Rules are the settings that hold for all devices.
type Rules struct {
	Zones Zones
	// FreshFor is how long after its time a fix may be received and still alert.
	FreshFor time.Duration
	// KeepEvery is after how many fixes a state is kept to begin a [Revision] from.
	KeepEvery int

	// MaxSpeed, in metres a second, is what a fix may not need to have come from the
	// one before, and Slack in metres what it may be off besides.
	MaxSpeed, Slack float64
	// MaxAccuracy is the largest radius of error in metres that is believed.
	MaxAccuracy float64
	// Believed is how many fixes in a row that agree with each other are believed
	// against the one before them.
	Believed int

	// StopAfter is how long a vehicle stays within StopRadius metres to have stopped.
	StopAfter  time.Duration
	StopRadius float64
	// LeaveRadius is how far in metres it goes from where it stopped, for LeaveAfter,
	// to be on a trip again.
	LeaveRadius float64
	LeaveAfter  time.Duration
	// GapRadius is how far apart in metres the ends of a silence may be that is a stop.
	// Where they are further apart, it has to be GapAfter longer than the way takes.
	GapRadius float64
	GapAfter  time.Duration
	// Pace, in metres a second, is how fast a vehicle is taken to have come when nobody
	// saw it come.
	Pace float64
	// Step is the shortest way in metres that is counted: less is the receiver's error.
	Step float64

	// SpeedTolerance is how many metres a second above a limit are let pass.
	SpeedTolerance float64
	// LowBattery and GoodBattery, in percent, are where a low battery begins and ends.
	LowBattery, GoodBattery float64
	// TemperatureMargin in degrees Celsius and TiltMargin in degrees are how far inside
	// of its limits a sensor has to come back.
	TemperatureMargin, TiltMargin float64
}

// DefaultFreshFor is how long after its time a fix may be received and still alert,
// unless a setting says otherwise.
const DefaultFreshFor = 10 * time.Minute

// DefaultRules are the rules without zones.
func DefaultRules() Rules {
	return Rules{
		FreshFor:    DefaultFreshFor,
		KeepEvery:   256,
		MaxSpeed:    100, // of the fastest trains
		Slack:       200,
		MaxAccuracy: 1000,
		Believed:    3,
		StopAfter:   5 * time.Minute,
		StopRadius:  90,
		LeaveRadius: 100,
		LeaveAfter:  time.Minute,
		GapRadius:   350,
		GapAfter:    20 * time.Minute,
		Pace:        2,
		Step:        15,

		SpeedTolerance:    1.5,
		LowBattery:        20,
		GoodBattery:       25,
		TemperatureMargin: 0.5,
		TiltMargin:        2,
	}
}

// Limits are the settings of one device. The zero value of each is no limit.
type Limits struct {
	// Speed in metres a second, everywhere.
	Speed float64
	// Temperature in degrees Celsius.
	MinTemperature, MaxTemperature Reading
	// Tilt in degrees from upright.
	Tilt float64
	// Door says that an open door is to be told.
	Door bool
}
