namespace Llama2.Kernels;

/// <summary>How a panel stores unquantized weights: column after column, 16 rows side by side.</summary>
internal interface IFloatWeights
{
    /// <summary>The size of a weight in bytes.</summary>
    static abstract int ByteSize { get; }

    /// <summary>Loads one weight for each lane of the tier, widened to float32.</summary>
    static abstract V Load<TTier, V>(ref readonly byte weights)
        where TTier : struct, ITier<V>
        where V : struct;

    /// <summary>Stores one number, rounded to nearest. A number beyond the type's range becomes the nearest number of the type.</summary>
    static abstract void Store(float value, ref byte destination);
}
