package facility_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"waybill/crm"
	"waybill/crm/crmtest"
	"waybill/crm/facility"
)

func TestFacilities(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	s, request := w.Facilities, uuid.NewString()
	draft := facility.Facility{DisplayName: "Hub", Kind: facility.Hub, Ground: crm.Ground{Point: crmtest.OnRoad}}
	made, err := s.Create(t.Context(), draft, request)
	require.NoError(t, err)
	again, err := s.Create(t.Context(), draft, request)
	require.NoError(t, err)
	require.Equal(t, made, again)
	changed, err := s.Update(t.Context(), made.ID, func(f *facility.Facility) error { f.DisplayName = "A hub"; return nil })
	require.NoError(t, err)
	require.Equal(t, "A hub", changed.DisplayName)
	var name string
	require.NoError(t, w.Pool.QueryRow(t.Context(),
		"select display_name from tracking.zone where owner = $1", crm.FacilityName(made.ID)).Scan(&name))
	require.Equal(t, "A hub", name)
	page, next, err := s.List(t.Context(), 2, "")
	require.NoError(t, err)
	require.Equal(t, []string{"A hub", "Depot"}, []string{page[0].DisplayName, page[1].DisplayName})
	require.NotEmpty(t, next)
	_, err = s.Create(t.Context(), facility.Facility{ID: "works", DisplayName: "X", Kind: "castle"}, "")
	require.ErrorContains(t, err, "factory, warehouse or hub")
}

func TestInside(t *testing.T) {
	t.Parallel()
	w := crmtest.New(t)
	s, request := w.Facilities, uuid.NewString()
	made, err := s.CreateStation(t.Context(), facility.Station{Facility: "works", DisplayName: "Paint", Line: "B"}, request)
	require.NoError(t, err)
	again, err := s.CreateStation(t.Context(), facility.Station{Facility: "works", DisplayName: "Paint", Line: "B"}, request)
	require.NoError(t, err)
	require.Equal(t, made, again)
	_, err = s.CreateStation(t.Context(), facility.Station{Facility: "depot", DisplayName: "Paint"}, request)
	require.ErrorIs(t, err, crm.ErrInvalid)
	_, err = s.CreateStation(t.Context(), facility.Station{Facility: "nowhere", DisplayName: "Paint"}, "")
	require.ErrorIs(t, err, crm.ErrNotFound)
	_, err = s.CreateStorageLocation(t.Context(), facility.StorageLocation{Facility: "works", ID: "bay-4", DisplayName: "Bay"}, "")
	require.ErrorIs(t, err, crm.ErrExists)
	stations, _, err := s.Stations(t.Context(), "works", 10, "")
	require.NoError(t, err)
	require.Len(t, stations, 2)
	locations, _, err := s.StorageLocations(t.Context(), "works", 10, "")
	require.NoError(t, err)
	require.Len(t, locations, 1)
}
