package derive

// power states a battery that is nearly empty and a supply that was cut.
func power(f *fold) bool {
	s := &f.fix.Signals
	low := f.between(LowBattery, s.Battery.Value < f.rules.LowBattery, s.Battery.Value < f.rules.GoodBattery)
	f.judge(LowBattery, s.Battery.Known, low, s.Battery.Value)
	f.judge(PowerCut, s.Power != Unknown, s.Power == No, 0)
	return true
}

// sense states what the sensors say of the goods: temperature and tilt beyond the
// device's limits, an open door, a shock.
func sense(f *fold) bool {
	s, limits := &f.fix.Signals, f.limits
	if t := s.Temperature; t.Known {
		low, high, margin := limits.MinTemperature, limits.MaxTemperature, f.rules.TemperatureMargin
		outside := low.Known && t.Value < low.Value || high.Known && t.Value > high.Value
		near := low.Known && t.Value < low.Value+margin || high.Known && t.Value > high.Value-margin
		f.hold(Temperature, f.between(Temperature, outside, near), t.Value)
	}
	f.judge(DoorOpen, s.Door != Unknown, limits.Door && s.Door == Yes, 0)
	// A shock is of a moment: the next fix without one ends it.
	f.hold(Shock, s.Shock == Yes || s.Alarm == Shock, 0)
	if s.Tilt.Known {
		f.hold(Tilt, limits.Tilt > 0 && f.between(Tilt, s.Tilt.Value > limits.Tilt, s.Tilt.Value > limits.Tilt-f.rules.TiltMargin), s.Tilt.Value)
	}
	return true
}

// between says whether the condition holds: it begins when it is over its limit, and
// goes on while it is near.
func (f *fold) between(c Condition, over, near bool) bool {
	return over || near && f.state.Holds.Has(c)
}

// hold states the condition's beginning or end when it is one.
func (f *fold) hold(c Condition, holds bool, value float64) {
	if f.state.Holds.Has(c) == holds {
		return
	}
	f.state.Holds = f.state.Holds.with(c, holds)
	kind := Ended
	if holds {
		kind = Began
	}
	f.say(Fact{Kind: kind, Condition: c, Value: value, Vehicle: f.fix.Vehicle})
}
