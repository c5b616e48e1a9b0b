package place

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
)

// ErrFormat says that a file of places can't be read; the text says in which line
// and what to do.
var ErrFormat = errors.New("not a file of places")

// longestID bounds the id of a place, in bytes.
const longestID = 64

// Import reads places from CSV with a header line: id, name, country, lon, lat, and
// any number of names by language (name_zh). Places that are stored already are
// brought up to date, so the same file may come again. All of it is stored, or none.
// It returns how many places the file has.
//
// The file is streamed: its size doesn't matter.
func (s *Store) Import(ctx context.Context, file io.Reader) (int64, error) {
	var count int64
	rows, err := newRows(file)
	if err != nil {
		return 0, err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `create temp table incoming (id text, name text, names jsonb, country text, point text) on commit drop`)
		if err != nil {
			return fmt.Errorf("import places: %w", err)
		}
		count, err = tx.CopyFrom(ctx, pgx.Identifier{"incoming"}, []string{"id", "name", "names", "country", "point"}, rows)
		if rows.err != nil {
			return rows.err
		}
		if err != nil {
			return fmt.Errorf("import places: %w", err)
		}
		// Of an id that comes twice the last counts: ctid is the order of arrival.
		_, err = tx.Exec(ctx, `
			insert into crm.place (id, name, names, country, geog)
			select distinct on (id) id, name, names, country, ST_GeogFromText(point) from incoming order by id, ctid desc
			on conflict (id) do update set name = excluded.name, names = excluded.names, country = excluded.country, geog = excluded.geog
			where (place.name, place.names, place.country, place.geog::text)
				is distinct from (excluded.name, excluded.names, excluded.country, excluded.geog::text)`)
		if err != nil {
			return fmt.Errorf("import places: %w", err)
		}
		return nil
	})
	return count, err
}

// rows reads CSV as a source of COPY.
type rows struct {
	csv    *csv.Reader
	column map[string]int
	// languages are the suffixes of the name_ columns.
	languages []string
	row       []any
	err       error
}

func newRows(file io.Reader) (*rows, error) {
	r := &rows{csv: csv.NewReader(file), column: make(map[string]int)}
	r.csv.ReuseRecord = true
	header, err := r.csv.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: the first line has to name the columns: %w", ErrFormat, err)
	}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		r.column[name] = i
		if language, ok := strings.CutPrefix(name, "name_"); ok {
			r.languages = append(r.languages, language)
		}
	}
	for _, name := range []string{"id", "name", "country", "lon", "lat"} {
		if _, ok := r.column[name]; !ok {
			return nil, fmt.Errorf("%w: there is no column %s; it needs id,name,country,lon,lat and may have name_zh", ErrFormat, name)
		}
	}
	slices.Sort(r.languages)
	return r, nil
}

// Next implements pgx.CopyFromSource.
func (r *rows) Next() bool {
	record, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return false
	}
	if err != nil {
		r.err = fmt.Errorf("%w: %w", ErrFormat, err)
		return false
	}
	if r.row, err = r.parse(record); err != nil {
		line, _ := r.csv.FieldPos(0)
		r.err = fmt.Errorf("%w: line %d: %w", ErrFormat, line, err)
		return false
	}
	return true
}

// Values implements pgx.CopyFromSource.
func (r *rows) Values() ([]any, error) { return r.row, nil }

// Err implements pgx.CopyFromSource.
func (r *rows) Err() error { return r.err }

func (r *rows) parse(record []string) ([]any, error) {
	get := func(name string) string { return strings.TrimSpace(record[r.column[name]]) }
	id := get("id")
	if id == "" || len(id) > longestID {
		return nil, fmt.Errorf("the id has %d characters; it needs 1 to %d", len(id), longestID)
	}
	lon, err := degrees(get("lon"), 180)
	if err != nil {
		return nil, fmt.Errorf("lon: %w", err)
	}
	lat, err := degrees(get("lat"), 90)
	if err != nil {
		return nil, fmt.Errorf("lat: %w", err)
	}
	name := get("name")
	if name == "" {
		return nil, errors.New("the name is empty")
	}
	names := make(map[string]string)
	for _, language := range r.languages {
		if translated := get("name_" + language); translated != "" {
			names[language] = translated
		}
	}
	return []any{id, name, names, get("country"), wkt.MarshalString(orb.Point{lon, lat})}, nil
}

func degrees(s string, most float64) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(v) > most || math.IsNaN(v) {
		return 0, fmt.Errorf("%q is not degrees from -%g to %g", s, most, most)
	}
	return v, nil
}
