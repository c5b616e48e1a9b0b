package customer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/customer"
	"waybill/tracking"
)

func TestCustomers(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	s, request := w.Customers, uuid.NewString()
	made, err := s.Create(t.Context(), customer.Customer{DisplayName: " 北京实验室 ", Language: "ZH-cn", Phone: "13800138000", Email: "a@b.cn"}, request)
	require.NoError(t, err)
	require.Equal(t, "北京实验室", made.DisplayName)
	require.Equal(t, "zh-CN", made.Language)
	require.Equal(t, "+8613800138000", made.Phone)
	again, err := s.Create(t.Context(), customer.Customer{DisplayName: "北京实验室"}, request)
	require.NoError(t, err)
	require.Equal(t, made, again)
	_, err = s.Create(t.Context(), customer.Customer{ID: "acme", DisplayName: "Acme"}, "")
	require.ErrorIs(t, err, crm.ErrExists)
	_, err = s.Create(t.Context(), customer.Customer{ID: "Bad Id", Language: "??", Phone: "12", Email: "nobody"}, "")
	var invalid *crm.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.Len(t, invalid.Violations, 5)

	changed, err := s.Update(t.Context(), made.ID, func(c *customer.Customer) error { c.Phone = "+49 30 1234567"; return nil })
	require.NoError(t, err)
	require.Equal(t, "+49301234567", changed.Phone)
	_, err = s.Update(t.Context(), "nobody", func(*customer.Customer) error { return nil })
	require.ErrorIs(t, err, crm.ErrNotFound)
	page, next, err := s.List(t.Context(), "", 2, "")
	require.NoError(t, err)
	require.Len(t, page, 2)
	rest, next, err := s.List(t.Context(), "", 2, next)
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Empty(t, next)
}

func TestContacts(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	s := w.Customers
	made, err := s.CreateContact(t.Context(), customer.Contact{Customer: "acme", ID: "li", DisplayName: "Li", Phone: "010-65529988"}, "")
	require.NoError(t, err)
	require.Equal(t, "+861065529988", made.Phone)
	_, err = s.CreateContact(t.Context(), customer.Contact{Customer: "nobody", DisplayName: "Li"}, "")
	require.ErrorIs(t, err, crm.ErrNotFound)
	_, err = s.UpdateContact(t.Context(), "acme", "li", func(c *customer.Contact) error { c.DisplayName = "Li Na"; return nil })
	require.NoError(t, err)
	list, _, err := s.Contacts(t.Context(), "acme", 10, "")
	require.NoError(t, err)
	require.Equal(t, "Li Na", list[0].DisplayName)
	require.NoError(t, s.DeleteContact(t.Context(), "acme", "li"))
	require.ErrorIs(t, s.DeleteContact(t.Context(), "acme", "li"), crm.ErrNotFound)
}

func zone(t *testing.T, w *crmtest.World, owner string) (kind string, radius float64) {
	t.Helper()
	require.NoError(t, w.Pool.QueryRow(t.Context(), `
		select case when area is null then 'circle' else 'area' end, coalesce(radius, 0)
		from tracking.zone where owner = $1`, owner).Scan(&kind, &radius))
	return kind, radius
}

func TestSiteDrawsItsZone(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	kind, radius := zone(t, w, crmtest.AcmeSite)
	require.Equal(t, "circle", kind)
	require.InDelta(t, crm.DefaultRadius, radius, 0)
	yard := orb.MultiPolygon{{{{116, 40}, {116.01, 40}, {116.01, 40.01}, {116, 40}}}}
	changed, err := w.Customers.UpdateSite(t.Context(), "acme", "lab", func(s *customer.Site) error {
		s.Ground.Polygons = yard
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, yard, changed.Ground.Polygons)
	kind, _ = zone(t, w, crmtest.AcmeSite)
	require.Equal(t, "area", kind)
	_, err = w.Customers.UpdateSite(t.Context(), "acme", "lab", func(s *customer.Site) error {
		s.Ground.Polygons, s.Ground.Center, s.Ground.Radius = nil, orb.Point{1, 1}, 30
		return nil
	})
	require.NoError(t, err)
	_, radius = zone(t, w, crmtest.AcmeSite)
	require.InDelta(t, 30, radius, 0)

	_, err = w.Customers.CreateSite(t.Context(), customer.Site{Customer: "acme", DisplayName: "X", Ground: crm.Ground{Point: orb.Point{0, 91}}}, "")
	require.ErrorContains(t, err, "site.point")
	_, err = w.Customers.CreateSite(t.Context(), customer.Site{Customer: "acme", ID: "lab", DisplayName: "X"}, "")
	require.ErrorIs(t, err, crm.ErrExists)
	_, radius = zone(t, w, crmtest.AcmeSite)
	require.InDelta(t, 30, radius, 0, "the zone of the one that has the name stays")
	crossed := orb.MultiPolygon{{{{0, 0}, {1, 1}, {1, 0}, {0, 1}, {0, 0}}}}
	_, err = w.Customers.CreateSite(t.Context(), customer.Site{Customer: "acme", DisplayName: "X", Ground: crm.Ground{Polygons: crossed}}, "")
	require.ErrorIs(t, err, crm.ErrInvalid)
}

type away struct{}

var errAway = errors.New("tracking is away")

func (away) PutOwnedZone(context.Context, tracking.Zone) (tracking.Zone, error) {
	return tracking.Zone{}, errAway
}

// Without its zone a site is not stored: it would never see an arrival.
func TestNoSiteWithoutItsZone(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	s := customer.NewStore(w.Pool, away{}, "")
	_, err := s.CreateSite(t.Context(), customer.Site{Customer: "acme", ID: "new", DisplayName: "New"}, "")
	require.ErrorIs(t, err, errAway)
	_, err = s.Site(t.Context(), "acme", "new")
	require.ErrorIs(t, err, crm.ErrNotFound)
}
