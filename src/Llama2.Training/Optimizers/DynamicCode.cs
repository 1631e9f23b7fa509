namespace Llama2.Training.Optimizers;

/// <summary>
/// Encodes numbers from −1 to 1, or from 0 to 1, in 8 bits (dynamic tree quantization, Dettmers 2015, arXiv 1511.04561). The codes cover seven
/// decades. Each decade has twice as many codes as the next lower decade. Both small and large numbers of a block therefore keep significant digits.
/// Immutable.
/// </summary>
internal sealed class DynamicCode
{
    private const int DecadeCount = 7;
    private readonly float[] _values = new float[256];
    private readonly float[] _boundaries = new float[255];

    private DynamicCode(bool isSigned)
    {
        List<double> values = [0, 1];
        for (int decade = 0; decade < DecadeCount; decade++)
        {
            // The interval from 0.1 to 1 is divided into equal parts. The midpoints of the parts, scaled to the decade, are the numbers of the
            // decade.
            int count = isSigned ? 1 << decade : 2 << decade;
            for (int i = 0; i < count; i++)
            {
                double value = (0.1 + 0.9 * (i + 0.5) / count) * Math.Pow(10, decade - DecadeCount + 1);
                values.Add(value);
                if (isSigned)
                {
                    values.Add(-value);
                }
            }
        }

        values.Sort();
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = (float)values[i];
        }

        for (int i = 0; i < _boundaries.Length; i++)
        {
            _boundaries[i] = (float)((values[i] + values[i + 1]) / 2);
        }
    }

    /// <summary>The codes of numbers from −1 to 1.</summary>
    public static DynamicCode Signed { get; } = new(isSigned: true);

    /// <summary>The codes of numbers from 0 to 1.</summary>
    public static DynamicCode Unsigned { get; } = new(isSigned: false);

    public float Decode(byte code) => _values[code];

    /// <summary>Returns the code whose number is nearest to a value.</summary>
    public byte Encode(float value)
    {
        int code = 0;
        for (int step = 128; step > 0; step >>= 1)
        {
            if (value > _boundaries[code + step - 1])
            {
                code += step;
            }
        }

        return (byte)code;
    }
}
