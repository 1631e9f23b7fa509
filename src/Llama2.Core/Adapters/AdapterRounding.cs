using System.Numerics.Tensors;
using Llama2.Quantization;

namespace Llama2.Adapters;

/// <summary>Rounds a row of a merged matrix so that the adapters' change survives.</summary>
/// <remarks>
/// A few weights are moved to the next point of the format: those whose move brings the row's response to the adapters' inputs nearer to the
/// response of the exact weights. The moves minimize <c>|e|² + K · |P·e|²</c> by coordinate descent over the codes, where e is the error of the encoded
/// row, P the projection on the rows of A in B · A, and K the emphasis. The scales stay as they are. The last move is made only if the resulting change
/// is at least as close to the wanted change as the change without this move.
/// </remarks>
internal readonly ref struct AdapterRounding
{
    // The additional weight of an error that changes the response to the adapters' inputs.
    private const float Emphasis = 64;

    // The gains that a move must have, as parts of the largest gain in the row. The moves with the largest gains come first, because each move changes
    // the gains of the others.
    private static readonly float[] s_leastGains = [0.5f, 0.25f, 0.1f, 0];

    private readonly RowCodes _formatCodes;
    private readonly AdapterDirections _directions;
    private readonly ReadOnlySpan<float> _weights;
    private readonly ReadOnlySpan<float> _squares;
    private readonly ReadOnlySpan<float> _change;
    private readonly ReadOnlySpan<float> _scales;
    private readonly Span<float> _decoded;
    private readonly Span<byte> _codes;

    /// <param name="formatCodes">The codes of the format.</param>
    /// <param name="directions">The directions of the adapters' inputs.</param>
    /// <param name="weights">The exact weights of the row.</param>
    /// <param name="buffers">The change, and the encoded row; its codes and decoded weights are replaced.</param>
    public AdapterRounding(RowCodes formatCodes, AdapterDirections directions, ReadOnlySpan<float> weights, RowChange buffers)
    {
        _formatCodes = formatCodes;
        _directions = directions;
        _weights = weights;
        _squares = directions.Squares.Span;
        _change = buffers.Change;
        _scales = buffers.Scales;
        _decoded = buffers.Decoded;
        _codes = buffers.Codes;
    }

    /// <summary>Finds the codes.</summary>
    public void Run()
    {
        Span<float> response = stackalloc float[AdapterDirections.MaxCount];
        response = response[.._directions.Count];
        response.Clear();
        double missing = 0;
        for (int column = 0; column < _weights.Length; column++)
        {
            float error = _decoded[column] - _weights[column];
            TensorPrimitives.MultiplyAdd(_directions.Of(column), error, response, response);
            missing -= (double)error * _change[column];
        }

        float largest = Sweep(response, float.PositiveInfinity, ref missing);
        foreach (float part in s_leastGains)
        {
            Sweep(response, part * largest, ref missing);
        }

        CompleteChange(missing);
    }

    // Makes all moves whose gain is greater than a limit, and returns the largest gain that was seen.
    private float Sweep(Span<float> response, float leastGain, ref double missing)
    {
        float largest = 0;
        for (int column = 0; column < _weights.Length; column++)
        {
            ReadOnlySpan<float> components = _directions.Of(column);
            float slope = Emphasis * TensorPrimitives.Dot(response, components) + _decoded[column] - _weights[column];
            float step = Step(column, isUp: slope < 0);
            float gain = -step * (2 * slope + step * (1 + Emphasis * _squares[column]));
            largest = Math.Max(largest, gain);
            if (gain > leastGain && AddsNotTooMuch(step * _change[column], missing))
            {
                Move(column, isUp: slope < 0, step);
                TensorPrimitives.MultiplyAdd(components, step, response, response);
                missing -= step * _change[column];
            }
        }

        return largest;
    }

    // In a short row each move is large, and the sweeps end before the whole change has been made. Then the move whose contribution is nearest to the
    // missing part is made, repeatedly, until no move brings the change nearer to the wanted one.
    private void CompleteChange(double missing)
    {
        while (missing > 0)
        {
            int best = -1;
            double bestRest = missing;
            for (int column = 0; column < _weights.Length; column++)
            {
                double rest = Math.Abs(missing - Step(column, _change[column] > 0) * _change[column]);
                if (rest < bestRest)
                {
                    (best, bestRest) = (column, rest);
                }
            }

            if (best < 0)
            {
                return;
            }

            float step = Step(best, _change[best] > 0);
            Move(best, _change[best] > 0, step);
            missing -= step * _change[best];
        }
    }

    // Whether the change is not farther from the wanted one after a move than before it. Moves against the change are not limited.
    private static bool AddsNotTooMuch(float product, double missing) => product <= 0 || product < 2 * missing;

    // The amount by which a weight changes if its code becomes the next one, so that the weight grows or shrinks; 0 if there is no next code.
    private float Step(int column, bool isUp)
    {
        byte code = _codes[column];
        return _scales[column] * (_formatCodes.Neighbor(code, isUp == _scales[column] > 0) - code);
    }

    private void Move(int column, bool isUp, float step)
    {
        _codes[column] = _formatCodes.Neighbor(_codes[column], isUp == _scales[column] > 0);
        _decoded[column] += step;
    }
}
