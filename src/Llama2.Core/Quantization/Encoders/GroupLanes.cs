using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Quantization.Encoders;

/// <summary>
/// Up to 16 groups of weights side by side: lane g of a vector belongs to group g. A search for scales then runs for as many groups at once as a
/// vector register has lanes. For each group, it does the same floating-point operations in the same order as a scalar loop, so the result does not
/// depend on the width of the register. An instance is used by one thread, for all rows that the thread encodes.
/// </summary>
internal sealed class GroupLanes
{
    /// <summary>The maximum number of groups.</summary>
    public const int Capacity = 16;

    private const int MaxGroupLength = 32;
    private readonly float[] _weights = new float[MaxGroupLength * Capacity];
    private readonly float[] _importance = new float[MaxGroupLength * Capacity];
    private readonly float[] _trial = new float[MaxGroupLength * Capacity];

    /// <summary>The number of weights in a group: 16 or 32.</summary>
    public int GroupLength { get; private set; }

    /// <summary>The number of groups that are loaded, 1 to 16.</summary>
    public int GroupCount { get; private set; }

    /// <summary>Whether the columns differ in importance. For many formats, GGML then searches for scales in another way.</summary>
    public bool HasColumnImportance { get; set; }

    /// <summary>The scale that a search found for each group; length 16.</summary>
    public float[] Scales { get; } = new float[Capacity];

    /// <summary>For each group, the offset: the number that is subtracted from the product of code and scale.</summary>
    public float[] Offsets { get; } = new float[Capacity];

    /// <summary>For each group g, the factor for computing codes: the code of a weight w is the one nearest to <c>Factors[g] · (w − Bases[g])</c>.</summary>
    public float[] Factors { get; } = new float[Capacity];

    /// <summary>For each group, the number that is subtracted from a weight before the difference is multiplied by the factor (see <see cref="Factors"/>).</summary>
    public float[] Bases { get; } = new float[Capacity];

    /// <summary>For each group, the sum of the importance of its weights.</summary>
    public float[] ImportanceSums { get; } = new float[Capacity];

    /// <summary>
    /// For each group, the mean square of the weights of the block or row that contains the group, times a factor that the format determines.
    /// </summary>
    public float[] Variances { get; } = new float[Capacity];

    /// <summary>Loads whole groups.</summary>
    public void Load(ReadOnlySpan<float> weights, int groupLength)
    {
        GroupLength = groupLength;
        GroupCount = weights.Length / groupLength;
        Interleave(weights, _weights);
    }

    /// <summary>Loads the importance of the columns of the weights that <see cref="Load"/> loaded.</summary>
    public void LoadImportance(ReadOnlySpan<float> columns) => Interleave(columns, _importance);

    /// <summary>
    /// A vector with one weight from each of several consecutive groups: in each group, the weight with the index <paramref name="index"/>. The
    /// vector's first element belongs to the group with the number <paramref name="lane"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Weights(int index, int lane) => At(_weights, index, lane);

    /// <summary>The importance of the weights that <see cref="Weights"/> returns for the same arguments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Importance(int index, int lane) => At(_importance, index, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetImportance(int index, int lane, Vector<float> value) => SetAt(_importance, index, lane, value);

    /// <summary>The codes that a search tries for the weights that <see cref="Weights"/> returns for the same arguments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Trial(int index, int lane) => At(_trial, index, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetTrial(int index, int lane, Vector<float> value) => SetAt(_trial, index, lane, value);

    /// <summary>The code of one weight of one group, as in <see cref="Trial"/>.</summary>
    public int TrialCode(int index, int group) => (int)_trial[index * Capacity + group];

    /// <summary>For each group, the weight of the largest magnitude, with its sign; of several with this magnitude, the first.</summary>
    public Vector<float> Extremes(int lane)
    {
        Vector<float> extreme = Vector<float>.Zero, magnitude = Vector<float>.Zero;
        for (int i = 0; i < GroupLength; i++)
        {
            Vector<float> weight = Weights(i, lane), weightMagnitude = Vector.Abs(weight);
            Vector<int> isLarger = Vector.GreaterThan(weightMagnitude, magnitude);
            extreme = Vector.ConditionalSelect(isLarger, weight, extreme);
            magnitude = Vector.ConditionalSelect(isLarger, weightMagnitude, magnitude);
        }

        return extreme;
    }

    /// <summary>For each group, the smallest and the largest weight.</summary>
    public (Vector<float> Smallest, Vector<float> Largest) Ranges(int lane)
    {
        Vector<float> smallest = Weights(0, lane), largest = smallest;
        for (int i = 1; i < GroupLength; i++)
        {
            smallest = Vector.MinNative(smallest, Weights(i, lane));
            largest = Vector.MaxNative(largest, Weights(i, lane));
        }

        return (smallest, largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> At(float[] values, int index, int lane)
        => Vector.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(values), (nuint)(index * Capacity + lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetAt(float[] values, int index, int lane, Vector<float> value)
        => value.StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(values), (nuint)(index * Capacity + lane));

    private void Interleave(ReadOnlySpan<float> source, float[] lanes)
    {
        for (int group = 0; group < GroupCount; group++)
        {
            ReadOnlySpan<float> values = source.Slice(group * GroupLength, GroupLength);
            for (int i = 0; i < values.Length; i++)
            {
                lanes[i * Capacity + group] = values[i];
            }
        }
    }
}
