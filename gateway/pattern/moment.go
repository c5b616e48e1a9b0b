package pattern

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"waybill/gateway/codec"
)

// moment finds when the fix was, in UTC.
func (m *matched) moment() (time.Time, error) {
	t, from, err := m.clock()
	if err != nil {
		m.meanings[from] = err.Error()
		return time.Time{}, err
	}
	if from != "" {
		m.meanings[from] = t.Format(time.RFC3339)
	}
	return t, nil
}

// clock reads the time by the groups that there are, and names the one that tells it.
func (m *matched) clock() (t time.Time, from string, err error) {
	switch {
	case m.group("time") != "":
		t, err = codec.Time(m.layout, strings.ToUpper(m.group("time")), m.zone)
		return t, "time", err
	case m.group("unix") != "":
		t, err = unix(m.group("unix"))
		return t, "unix", err
	case m.group("year") != "":
		t, err = m.calendar()
		return t, "year", err
	case m.UseSentTime && !m.sent.IsZero():
		return m.sent.UTC(), "", nil
	}
	return time.Time{}, "", &codec.Error{Reason: codec.ReasonTime, Detail: "the text tells no time"}
}

// unix reads seconds since 1970, or milliseconds when there are 13 digits.
func unix(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || n <= 0 || len(s) > 13:
		return time.Time{}, &codec.Error{Reason: codec.ReasonTime, Detail: strconv.Quote(s)}
	case len(s) == 13:
		return time.UnixMilli(n).UTC(), nil
	}
	return time.Unix(n, 0).UTC(), nil
}

// calendar puts the time together from year, month, day, hour, minute, second and am_pm.
func (m *matched) calendar() (time.Time, error) {
	year := m.group("year")
	if len(year) == 2 {
		year = "20" + year
	}
	month, layout := m.group("month"), "2006 1 2 15 4 5"
	if len(month) >= 3 {
		month, layout = month[:3], "2006 Jan 2 15 4 5"
	}
	second := m.group("second")
	if second == "" {
		second = "0"
	}
	hour := m.group("hour")
	if half := strings.ToUpper(strings.ReplaceAll(m.group("am_pm"), ".", "")); half != "" {
		n, err := strconv.Atoi(hour)
		if err != nil || n < 1 || n > 12 || half != "AM" && half != "PM" {
			return time.Time{}, &codec.Error{Reason: codec.ReasonTime, Detail: fmt.Sprintf("the hour %q %q", hour, half)}
		}
		if n %= 12; half == "PM" {
			n += 12
		}
		hour = strconv.Itoa(n)
	}
	return codec.Time(layout, strings.Join([]string{year, month, m.group("day"), hour, m.group("minute"), second}, " "), m.zone)
}
