package crm

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"
)

const srid = 4326 // WGS-84

// GroundColumns are the columns that [Ground.Values] fills and [GroundRow] reads, in
// order: point, area, center, radius.
const (
	GroundColumns = "ST_AsEWKB(point), ST_AsEWKB(area), ST_AsEWKB(center), coalesce(radius, 0)"
	// GroundParameters expects the values from parameter number n on, as a format
	// with n, n+1, n+2, n+3.
	GroundParameters = "ST_GeomFromEWKB($%d), ST_GeomFromEWKB($%d), ST_GeomFromEWKB($%d), nullif($%d::float8, 0)"
)

// Values are the ground's columns as parameters of a statement.
func (g Ground) Values() ([]any, error) {
	point, err := encode(g.Point)
	if err != nil {
		return nil, err
	}
	var area, center []byte
	if len(g.Polygons) > 0 {
		if area, err = encode(g.Polygons); err != nil {
			return nil, err
		}
	} else if g.Radius > 0 {
		if center, err = encode(g.Center); err != nil {
			return nil, err
		}
	}
	radius := g.Radius
	if center == nil {
		radius = 0
	}
	return []any{point, area, center, radius}, nil
}

// GroundRow takes the columns of [GroundColumns].
type GroundRow struct {
	point, area, center []byte
	radius              float64
}

// Targets are what to scan into.
func (r *GroundRow) Targets() []any { return []any{&r.point, &r.area, &r.center, &r.radius} }

// Ground is what was scanned.
func (r *GroundRow) Ground() (Ground, error) {
	g := Ground{Radius: r.radius}
	err := decode(r.point, &g.Point)
	if r.area != nil {
		err = errors.Join(err, decode(r.area, &g.Polygons))
	}
	if r.center != nil {
		err = errors.Join(err, decode(r.center, &g.Center))
	}
	return g, err
}

func encode(g orb.Geometry) ([]byte, error) {
	raw, err := ewkb.Marshal(g, srid)
	if err != nil {
		return nil, fmt.Errorf("encode ground: %w", err)
	}
	return raw, nil
}

func decode[G orb.Geometry](raw []byte, into *G) error {
	geometry, _, err := ewkb.Unmarshal(raw)
	if err != nil {
		return fmt.Errorf("decode ground: %w", err)
	}
	g, ok := geometry.(G)
	if !ok {
		return fmt.Errorf("decode ground: it is a %s", geometry.GeoJSONType())
	}
	*into = g
	return nil
}
