using Llama2.Conversion;
using Llama2.Formats;

namespace Llama2;

/// <summary>Writes a model in another form than it is published in. Weights stream through some megabytes of memory, whatever the model's size.</summary>
public static class ModelConverter
{
    /// <summary>The ending of a target's name that asks for a GGUF file.</summary>
    public const string GgufExtension = ".gguf";

    /// <summary>
    /// Writes a model as a GGUF file, where the target's name ends in <c>.gguf</c>, or else as a Hugging Face folder of safetensors. The target
    /// appears whole or not at all.
    /// </summary>
    /// <param name="sourcePath">A file or folder in any form that <see cref="LlamaModel.Load(string, LlamaModelOptions?, IProgress{LoadProgress}?, CancellationToken)"/> takes.</param>
    /// <param name="targetPath">The GGUF file to make or replace, or the folder to make.</param>
    /// <param name="options">Types and sizes; null takes the defaults.</param>
    /// <param name="progress">Told after each part of a tensor, in bytes of the target, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the writing; nothing stays.</param>
    /// <exception cref="ArgumentException">Source and target are the same.</exception>
    /// <exception cref="ModelFormatException">The source is malformed, or has what the target's form cannot express.</exception>
    /// <exception cref="IOException">A file cannot be read or written, the disk has no room for the target, or the target's folder exists already.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Convert(
        string sourcePath, string targetPath, ModelConversionOptions? options = null, IProgress<LoadProgress>? progress = null, CancellationToken cancellationToken = default)
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
