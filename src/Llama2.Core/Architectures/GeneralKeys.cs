namespace Llama2.Architectures;

/// <summary>The metadata keys of GGUF that do not depend on the architecture.</summary>
internal static class GeneralKeys
{
    public const string Architecture = "general.architecture";
    public const string Name = "general.name";
    public const string Description = "general.description";
    public const string License = "general.license";

    /// <summary>The kind of file: <c>model</c>, <c>adapter</c> or <c>imatrix</c>.</summary>
    public const string Type = "general.type";

    /// <summary>The format, or mix of formats, of the weights: the number of a <see cref="ModelQuantization"/>.</summary>
    public const string FileType = "general.file_type";
    public const string QuantizationVersion = "general.quantization_version";
    public const string Alignment = "general.alignment";
}
