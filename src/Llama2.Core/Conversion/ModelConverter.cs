using Llama2.Conversion;
using Llama2.Formats;

namespace Llama2;

/// <summary>
/// Converts a model to another form. Weights are read, converted and written in parts, so a model of any size takes a few megabytes of memory.
/// </summary>
/// <remarks>
/// The conversion is synchronous because it computes from beginning to end on the calling thread. If that thread must stay free, call the method
/// within <c>Task.Run</c>.
/// </remarks>
public static class ModelConverter
{
    /// <summary>The extension of a target's name that selects a GGUF file.</summary>
    public const string GgufExtension = ".gguf";

    /// <summary>
    /// Writes a model as a GGUF file if the target's name ends in <c>.gguf</c>, otherwise as a Hugging Face folder with safetensors. The target
    /// appears under its name only when it is complete.
    /// </summary>
    /// <param name="sourcePath">A file or folder in any form that <see cref="LlamaModel.Load(string, LlamaModelOptions?, IProgress{ByteProgress}?, CancellationToken)"/> takes.</param>
    /// <param name="targetPath">The GGUF file to create or replace, or the folder to create.</param>
    /// <param name="options">The type of the weights, the tokenizer and the size of files; null for the defaults.</param>
    /// <param name="progress">
    /// Receives the number of bytes of the target that have been written. Called after each part of a tensor, on the calling thread.
    /// </param>
    /// <param name="cancellationToken">Stops the conversion; the incomplete target is deleted.</param>
    /// <exception cref="ArgumentException">Source and target are the same.</exception>
    /// <exception cref="ModelFormatException">The source is malformed, or has a property that the target's form cannot express.</exception>
    /// <exception cref="IOException">
    /// A file cannot be read or written, the disk has too little free space for the target, or the target's folder exists already.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Convert(
        string sourcePath, string targetPath, ModelConversionOptions? options = null, IProgress<ByteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourcePath);
        ArgumentException.ThrowIfNullOrEmpty(targetPath);
        if (OutputTarget.IsSame(sourcePath, targetPath))
            throw new ArgumentException($"'{targetPath}' is the source itself; name another target.", nameof(targetPath));

        options ??= new ModelConversionOptions();
        using IModelFile source = ModelFiles.Open(sourcePath, tokenizerPath: options.TokenizerPath);
        if (targetPath.EndsWith(GgufExtension, StringComparison.OrdinalIgnoreCase))
            GgufExport.Write(source, targetPath, options, progress, cancellationToken);
        else
            HuggingFaceExport.Write(source, targetPath, options, progress, cancellationToken);
    }
}
