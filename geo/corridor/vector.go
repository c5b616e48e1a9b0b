package corridor

import (
	"math"

	"github.com/paulmach/orb"
)

// Vector is from the middle of the earth to a point on the ground, of length 1: what a
// [Leg] measures from.
type Vector [3]float64

// NewVector is the vector to a point in degrees.
func NewVector(p orb.Point) Vector {
	sinLon, cosLon := math.Sincos(p.Lon() * math.Pi / 180)
	sinLat, cosLat := math.Sincos(p.Lat() * math.Pi / 180)
	return Vector{cosLat * cosLon, cosLat * sinLon, sinLat}
}

func (v Vector) plus(w Vector) Vector  { return Vector{v[0] + w[0], v[1] + w[1], v[2] + w[2]} }
func (v Vector) minus(w Vector) Vector { return Vector{v[0] - w[0], v[1] - w[1], v[2] - w[2]} }
func (v Vector) dot(w Vector) float64  { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }

func (v Vector) times(x float64) Vector { return Vector{v[0] * x, v[1] * x, v[2] * x} }

func (v Vector) cross(w Vector) Vector {
	return Vector{v[1]*w[2] - v[2]*w[1], v[2]*w[0] - v[0]*w[2], v[0]*w[1] - v[1]*w[0]}
}

// unit is zero for what is next to nothing, which has no direction left.
func (v Vector) unit() Vector {
	length := math.Sqrt(v.dot(v))
	if length < 1e-30 {
		return Vector{}
	}
	return v.times(1 / length)
}

// chord is the square of the straight line between two points on the ground.
func (v Vector) chord(w Vector) float64 {
	d := v.minus(w)
	return d.dot(d)
}

// arc is the angle in radians above a chord, given its square: precise for near points.
func arc(chord float64) float64 { return 2 * math.Asin(min(1, math.Sqrt(chord)/2)) }
