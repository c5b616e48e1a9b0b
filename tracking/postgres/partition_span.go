package postgres

import (
	"fmt"
	"strings"
	"time"
)

const (
	day = 24 * time.Hour
	// dayLayout and yearLayout name the tables; neither name needs quotes.
	dayLayout  = "position_20060102"
	yearLayout = "position_2006"
)

// span is what one partition holds: a day, or a year. Days are counted since 1970.
type span struct{ first, next int64 }

// yearOf is the year that the day is in.
func yearOf(number int64) span {
	year := dayStart(number).Year()
	return span{
		first: dayNumber(time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)),
		next:  dayNumber(time.Date(year+1, time.January, 1, 0, 0, 0, 0, time.UTC)),
	}
}

// spanNamed is what the partition of the name holds.
func spanNamed(name string) (span, error) {
	if t, err := time.Parse(yearLayout, name); err == nil {
		return yearOf(dayNumber(t)), nil
	}
	t, err := time.Parse(dayLayout, name)
	if err != nil {
		return span{}, fmt.Errorf("table tracking.%s is named like a day that can't be: %w", name, err)
	}
	number := dayNumber(t)
	return span{number, number + 1}, nil
}

func (s span) isYear() bool { return s.next-s.first > 1 }

// name is that of its table in the schema.
func (s span) name() string {
	if s.isYear() {
		return dayStart(s.first).Format(yearLayout)
	}
	return dayStart(s.first).Format(dayLayout)
}

// table is the same with the schema.
func (s span) table() string { return "tracking." + s.name() }

// attach is the statement that makes its table a partition.
func (s span) attach() string {
	return fmt.Sprintf(`alter table tracking.position attach partition %s for values from ('%s') to ('%s')`,
		s.table(), literal(s.start()), literal(s.end()))
}

func (s span) start() time.Time { return dayStart(s.first) }
func (s span) end() time.Time   { return dayStart(s.next) }

// String is how people write it: 2026-03-02, or 2008.
func (s span) String() string {
	if s.isYear() {
		return s.start().Format("2006")
	}
	return s.start().Format(time.DateOnly)
}

// spansBetween are the names of all partitions that may hold positions of the time,
// from inclusive and to exclusive.
func spansBetween(from, to time.Time) []string {
	var names []string
	for number := dayNumber(from); dayStart(number).Before(to); number++ {
		year := yearOf(number).name()
		if len(names) == 0 || !strings.HasPrefix(names[len(names)-1], year) {
			names = append(names, year)
		}
		names = append(names, span{number, number + 1}.name())
	}
	return names
}

// literal is the moment as SQL takes it whatever the session's time zone.
func literal(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05+00") }

// dayNumber counts days since 1970 in UTC.
func dayNumber(t time.Time) int64 {
	seconds := t.Unix()
	number := seconds / int64(day/time.Second)
	if seconds < 0 && seconds%int64(day/time.Second) != 0 {
		number--
	}
	return number
}

func dayStart(number int64) time.Time { return time.Unix(number*int64(day/time.Second), 0).UTC() }
