package postgres

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"waybill/geo"
	"waybill/tracking"
)

// ground is where a zone is, as parameters of a statement: WKB, nil when absent.
type ground struct {
	area, center, corridor []byte
	radius, width          *float64
}

// encodeGround expects a zone whose values were checked, and has PostGIS look at
// what takes more than that: rings that cross, holes that are outside.
func (r *Registry) encodeGround(ctx context.Context, zone tracking.Zone) (ground, error) {
	switch {
	case len(zone.Path) > 0:
		path, err := wkb.Marshal(zone.Path)
		return ground{corridor: path, width: &zone.Width}, err
	case len(zone.Area) == 0:
		center, err := wkb.Marshal(zone.Center)
		return ground{center: center, radius: &zone.Radius}, err
	}
	// An area over the antimeridian is judged as one piece and stored as RFC 7946
	// (3.1.9) has it: cut there.
	whole := make(orb.MultiPolygon, len(zone.Area))
	for i, polygon := range zone.Area {
		whole[i] = geo.Unwrap(polygon)
	}
	area, err := wkb.Marshal(whole)
	if err != nil {
		return ground{}, fmt.Errorf("encode area: %w", err)
	}
	var reason string
	var stored []byte
	err = r.pool.QueryRow(ctx, `
select ST_IsValidReason(g), case
    when not ST_IsValid(g) then null
    when ST_XMin(g) >= -180 and ST_XMax(g) <= 180 then ST_AsBinary(g)
    else ST_AsBinary(ST_Multi(ST_CollectionExtract(ST_WrapX(ST_WrapX(g, 180, -360), -180, 360), 3)))
end
from ST_GeomFromWKB($1, 4326) g`, area).Scan(&reason, &stored)
	if err != nil {
		return ground{}, failed("check area", err)
	}
	if stored == nil {
		return ground{}, &tracking.FieldError{
			Field: "area.polygons", Err: tracking.ErrInvalid,
			Advice: reason + "; draw rings that don't cross themselves or each other, holes inside their outer ring, and polygons that share no border",
		}
	}
	return ground{area: stored}, nil
}

// decodeArea gives nil for what is absent.
func decodeArea(area []byte) (orb.MultiPolygon, error) {
	return decodeGround[orb.MultiPolygon]("area", area)
}

// decodePath gives nil for what is absent.
func decodePath(path []byte) (orb.LineString, error) {
	return decodeGround[orb.LineString]("path", path)
}

func decodeGround[G orb.Geometry](what string, encoded []byte) (decoded G, err error) {
	if encoded == nil {
		return decoded, nil
	}
	geometry, err := wkb.Unmarshal(encoded)
	if err != nil {
		return decoded, fmt.Errorf("decode %s: %w", what, err)
	}
	decoded, ok := geometry.(G)
	if !ok {
		return decoded, fmt.Errorf("decode %s: it is a %s", what, geometry.GeoJSONType())
	}
	return decoded, nil
}
