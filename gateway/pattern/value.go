package pattern

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"waybill/gateway/codec"
	"waybill/tracking"
)

// place reads latitude and longitude: degrees, or degrees, minutes and seconds in groups of their own.
func (m *matched) place() (orb.Point, error) {
	latitude, err := m.degrees("latitude")
	if err != nil {
		return orb.Point{}, err
	}
	longitude, err := m.degrees("longitude")
	if err != nil {
		return orb.Point{}, err
	}
	p, err := codec.Place(latitude, longitude)
	if err != nil {
		m.meanings["latitude"], m.meanings["longitude"] = err.Error(), err.Error()
		return p, err
	}
	m.meanings["latitude"] = fmt.Sprintf("%.6f° of latitude", p.Lat())
	m.meanings["longitude"] = fmt.Sprintf("%.6f° of longitude", p.Lon())
	return p, nil
}

// degrees gives decimal degrees with the hemisphere's letter, as [codec.Point] reads them.
func (m *matched) degrees(name string) (string, error) {
	whole := strings.ReplaceAll(m.group(name), ",", ".")
	sum, scale := 0.0, 60.0
	for _, part := range []string{name + "_minutes", name + "_seconds"} {
		said := m.group(part)
		if said == "" {
			break
		}
		v, err := codec.Number(strings.ReplaceAll(said, ",", "."))
		if err != nil || v < 0 || v >= 60 {
			m.meanings[part] = "it must be from 0 to 60"
			return "", &codec.Error{Reason: codec.ReasonNumber, Detail: part + " " + strconv.Quote(said)}
		}
		m.meanings[part] = "part of the " + name
		sum += v / scale
		scale *= 60
	}
	if sum != 0 {
		digits := strings.Trim(whole, "NSEWnsew ")
		v, err := codec.Number(digits)
		if err != nil {
			m.meanings[name] = err.Error()
			return "", err
		}
		whole = strings.Replace(whole, digits, strconv.FormatFloat(math.Copysign(math.Abs(v)+sum, signed(digits, v)), 'f', -1, 64), 1)
	}
	if letter := m.group(name + "_hemisphere"); letter != "" {
		m.meanings[name+"_hemisphere"] = "part of the " + name
		return whole + hemisphere(letter), nil
	}
	return whole, nil
}

// hemisphere is the letter for what a unit says.
func hemisphere(said string) string {
	switch said {
	case "北", "北纬":
		return "N"
	case "南", "南纬":
		return "S"
	case "东", "东经":
		return "E"
	case "西", "西经":
		return "W"
	}
	return said[:1]
}

// signed is -1 for a number that is written with a minus, also in -0.
func signed(digits string, v float64) float64 {
	if v < 0 || strings.HasPrefix(digits, "-") {
		return -1
	}
	return 1
}

// values reads what a fix has besides.
func (m *matched) values(fix *tracking.Fix) (err error) {
	number := func(name string) string { return strings.ReplaceAll(m.group(name), ",", ".") }
	if fix.Speed, err = codec.Speed(number("speed"), m.unit); err != nil {
		return m.unreadable("speed", err)
	}
	m.mean("speed", fix.Speed, "m/s")
	if fix.Course, err = codec.Course(number("course")); err != nil {
		return m.unreadable("course", err)
	}
	m.mean("course", fix.Course, "degrees clockwise from north")
	for name, value := range map[string]*float64{"altitude": &fix.Altitude, "accuracy": &fix.Accuracy} {
		if s := number(name); s != "" {
			if *value, err = codec.Number(s); err != nil {
				return m.unreadable(name, err)
			}
			m.mean(name, *value, "m")
		}
	}
	if s := m.group("satellites"); s != "" {
		n, err := strconv.ParseUint(s, 10, 8)
		if err != nil {
			return m.unreadable("satellites", &codec.Error{Reason: codec.ReasonNumber, Detail: strconv.Quote(s)})
		}
		fix.Satellites = int(n)
		m.meanings["satellites"] = s + " satellites"
	}
	return nil
}

func (m *matched) unreadable(name string, err error) error {
	m.meanings[name] = err.Error()
	return err
}

func (m *matched) mean(name string, v float64, unit string) {
	if m.group(name) != "" {
		m.meanings[name] = strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64) + " " + unit
	}
}

// attributes are the groups that are no values of a fix, and the alarm.
func (m *matched) attributes(warned string) map[string]any {
	attributes := make(map[string]any)
	for name := range m.groups {
		said := m.group(name)
		if said == "" || reserved(name) || len(said) > maxValue {
			continue
		}
		attributes[name] = attribute(name, said)
		m.meanings[name] = fmt.Sprintf("the attribute %s = %v", name, attributes[name])
	}
	if warned != "" {
		attributes["alarm"] = warned
	}
	if len(attributes) == 0 {
		return nil
	}
	return attributes
}

// reserved says that the group is no attribute.
func reserved(name string) bool {
	switch name {
	case "latitude", "latitude_minutes", "latitude_seconds", "latitude_hemisphere",
		"longitude", "longitude_minutes", "longitude_seconds", "longitude_hemisphere",
		"time", "unix", "year", "month", "day", "hour", "minute", "second", "am_pm",
		"speed", "course", "altitude", "accuracy", "satellites", "alarm", "no_fix":
		return true
	}
	return false
}

// attribute is a number where it is one, yes or no where the name asks for that, and else the text. An IMEI is a text of
// digits.
func attribute(name, said string) any {
	switch name {
	case "ignition", "external_power", "door_open", "shock", "charging":
		switch strings.ToLower(said) {
		case "1", "on", "yes", "true", "open", "ok", "开":
			return true
		case "0", "off", "no", "false", "closed", "close", "关":
			return false
		}
	case "imei":
		return said
	}
	if v, err := codec.Number(strings.ReplaceAll(said, ",", ".")); err == nil {
		return v
	}
	return said
}
