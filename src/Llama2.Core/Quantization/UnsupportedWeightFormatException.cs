namespace Llama2.Quantization;

/// <summary>Weights are stored in a format that this library does not read. The message names the format and lists the supported ones.</summary>
internal sealed class UnsupportedWeightFormatException : LlamaException
{
    /// <summary>Creates the exception; the message is composed from the arguments.</summary>
    /// <param name="type">The format of the weights.</param>
    /// <param name="supported">The formats that are supported.</param>
    public UnsupportedWeightFormatException(GgmlType type, IEnumerable<GgmlType> supported)
        : base($"Weights of type {type} ({(int)type}) are not supported; supported are {string.Join(", ", supported)}: "
            + "quantize the model again to one of these.") => Type = type;

    /// <summary>The format of the weights. If GGML does not define the number of the format, this enumeration value has no name.</summary>
    public GgmlType Type { get; }
}
