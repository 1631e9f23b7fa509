namespace Llama2.Architectures;

/// <summary>The keys that GGUF files of all architectures have.</summary>
internal static class GeneralKeys
{
    public const string Architecture = "general.architecture";
    public const string Name = "general.name";
    public const string Description = "general.description";
    public const string License = "general.license";

    /// <summary><c>model</c>, <c>adapter</c>, <c>imatrix</c>.</summary>
    public const string Type = "general.type";

    /// <summary>A <see cref="ModelQuantization"/>.</summary>
    public const string FileType = "general.file_type";
    public const string QuantizationVersion = "general.quantization_version";
    public const string Alignment = "general.alignment";
}
