package place

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"waybill/crm"
)

// MaxDistance is how far away, in metres, a place can be and still say where
// something is.
const MaxDistance = 200_000

// Near is the known place that is nearest to a point.
type Near struct {
	DisplayName string
	// Distance from the place to the point is in metres.
	Distance float64
	// Bearing from the place to the point is in degrees clockwise from north.
	Bearing float64
}

// Store keeps known places in PostGIS.
type Store struct {
	pool *pgxpool.Pool
}

// NewStore makes a store.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Nearest returns the known place that is nearest to the point, named in the
// language (BCP 47) where its name in it is known. It fails with [crm.ErrNotFound]
// when there is none within [MaxDistance].
func (s *Store) Nearest(ctx context.Context, point orb.Point, language string) (Near, error) {
	base, _, _ := strings.Cut(language, "-")
	var near Near
	// One nearest neighbour from each index, then the nearer of the two.
	err := s.pool.QueryRow(ctx, `
		with here as (select ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography as geog)
		select name, ST_Distance(near.geog, here.geog) as distance, coalesce(degrees(ST_Azimuth(near.geog, here.geog)), 0)
		from here cross join lateral (
			(select coalesce(names ->> $3, name) as name, geog from crm.place order by geog <-> here.geog limit 1)
			union all
			(select display_name, point::geography from crm.facility order by point::geography <-> here.geog limit 1)
		) near
		where ST_DWithin(near.geog, here.geog, $4)
		order by distance limit 1`, point.Lon(), point.Lat(), base, float64(MaxDistance)).
		Scan(&near.DisplayName, &near.Distance, &near.Bearing)
	if errors.Is(err, pgx.ErrNoRows) {
		return Near{}, crm.NotFound("a known place")
	}
	if err != nil {
		return Near{}, fmt.Errorf("find the nearest place: %w", err)
	}
	return near, nil
}
