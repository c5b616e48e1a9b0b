package trackfile

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"waybill/tracking"
)

// Columns names the columns of a CSV file by their header. Those left empty are
// looked for under their usual names; only the first three must be there.
type Columns struct {
	Time, Latitude, Longitude         string
	Speed, Course, Altitude, Accuracy string
	Satellites                        string
	// Attributes are JSON objects.
	Attributes string
	// Zone is what times without one are in; UTC when nil.
	Zone *time.Location
}

// usual are the names that columns mostly have, in lower case.
func usual() map[string][]string {
	return map[string][]string{
		"time":      {"time", "datetime", "timestamp", "fix_time", "date_time", "tst"},
		"latitude":  {"lat", "latitude", "y"},
		"longitude": {"lon", "lng", "long", "longitude", "x"},
		"speed":     {"speed", "speed_mps"},
		"course":    {"course", "bearing", "heading", "cog", "course_deg"},
		"altitude":  {"altitude", "alt", "ele", "elevation", "altitude_m"},
		"accuracy":  {"accuracy", "acc", "accuracy_m"},

		"number of satellites": {"satellites", "sat"},
		"attributes":           {"attributes"},
	}
}

// ReadCSV reads a file with a header. Times are RFC 3339, `2006-01-02 15:04:05`
// with or without a fraction, or seconds since 1970; speed is metres a second.
func ReadCSV(r io.Reader, names Columns) Fixes {
	return func(yield func(tracking.Fix, error) bool) {
		rows := csv.NewReader(r)
		rows.ReuseRecord = true
		header, err := rows.Read()
		if err != nil {
			yield(tracking.Fix{}, &RowError{Row: 1, Err: fmt.Errorf("there is no header: %w", err)})
			return
		}
		at, err := places(header, names)
		if err != nil {
			yield(tracking.Fix{}, &RowError{Row: 1, Err: err})
			return
		}
		for {
			record, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(tracking.Fix{}, &RowError{Row: lineOf(err), Err: err})
				return
			}
			line, _ := rows.FieldPos(0)
			fix, err := at.fix(record)
			if err != nil {
				yield(tracking.Fix{}, &RowError{Row: line, Err: err})
				return
			}
			if !yield(fix, nil) {
				return
			}
		}
	}
}

// lineOf is the line that package csv blames, or 0 where it doesn't say.
func lineOf(err error) int {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return parse.StartLine
	}
	return 0
}

// layout says in which column each value is, -1 for none.
type layout struct {
	time, latitude, longitude         int
	speed, course, altitude, accuracy int
	satellites, attributes            int
	zone                              *time.Location
}

func places(header []string, names Columns) (layout, error) {
	find := func(what, name string, must bool) (int, error) {
		candidates := usual()[what]
		if name != "" {
			candidates = []string{strings.ToLower(name)}
		}
		for _, candidate := range candidates {
			for i, column := range header {
				if strings.ToLower(strings.TrimSpace(column)) == candidate {
					return i, nil
				}
			}
		}
		if must || name != "" {
			return -1, fmt.Errorf("no column %s among %s; name the column of the %s",
				strings.Join(candidates, ", "), strings.Join(header, ", "), what)
		}
		return -1, nil
	}
	l := layout{zone: names.Zone}
	if l.zone == nil {
		l.zone = time.UTC
	}
	var errs []error
	for _, c := range []struct {
		what, name string
		must       bool
		to         *int
	}{
		{"time", names.Time, true, &l.time},
		{"latitude", names.Latitude, true, &l.latitude},
		{"longitude", names.Longitude, true, &l.longitude},
		{"speed", names.Speed, false, &l.speed},
		{"course", names.Course, false, &l.course},
		{"altitude", names.Altitude, false, &l.altitude},
		{"accuracy", names.Accuracy, false, &l.accuracy},
		{"number of satellites", names.Satellites, false, &l.satellites},
		{"attributes", names.Attributes, false, &l.attributes},
	} {
		var err error
		*c.to, err = find(c.what, c.name, c.must)
		errs = append(errs, err)
	}
	return l, errors.Join(errs...)
}

func (l layout) fix(record []string) (tracking.Fix, error) {
	t, err := parseTime(record[l.time], l.zone)
	if err != nil {
		return tracking.Fix{}, err
	}
	var position orb.Point
	if position[0], err = strconv.ParseFloat(record[l.longitude], 64); err != nil {
		return tracking.Fix{}, fmt.Errorf("the longitude is no number: %w", err)
	}
	if position[1], err = strconv.ParseFloat(record[l.latitude], 64); err != nil {
		return tracking.Fix{}, fmt.Errorf("the latitude is no number: %w", err)
	}
	fix := tracking.NewFix(t, position)
	for _, v := range []struct {
		column int
		to     *float64
	}{{l.speed, &fix.Speed}, {l.course, &fix.Course}, {l.altitude, &fix.Altitude}, {l.accuracy, &fix.Accuracy}} {
		if v.column < 0 || record[v.column] == "" {
			continue
		}
		if *v.to, err = strconv.ParseFloat(record[v.column], 64); err != nil {
			return tracking.Fix{}, fmt.Errorf("not a number: %w", err)
		}
	}
	if l.satellites >= 0 && record[l.satellites] != "" {
		if fix.Satellites, err = strconv.Atoi(record[l.satellites]); err != nil {
			return tracking.Fix{}, fmt.Errorf("the number of satellites is no whole number: %w", err)
		}
	}
	if l.attributes >= 0 && record[l.attributes] != "" {
		if err := json.Unmarshal([]byte(record[l.attributes]), &fix.Attributes); err != nil {
			return tracking.Fix{}, fmt.Errorf("the attributes are no JSON object: %w", err)
		}
	}
	return fix, nil
}

func parseTime(s string, zone *time.Location) (time.Time, error) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	for _, form := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006/01/02 15:04:05"} {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return t, nil
		}
	}
	if seconds, err := strconv.ParseFloat(s, 64); err == nil && seconds > 0 && seconds < 1e11 {
		return time.UnixMicro(int64(seconds * 1e6)), nil
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 2006-01-02T15:04:05Z, 2006-01-02 15:04:05, or seconds since 1970", s)
}
