using System.Collections.ObjectModel;
using Llama2.Architectures;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Model;
using Llama2.Tokenization;

namespace Llama2;

/// <summary>
/// The metadata and the table of tensors of a model file, read without the weights. The file can also be one whose architecture or weight formats
/// this library does not support, or one that contains only a vocabulary. Immutable and thread-safe.
/// </summary>
/// <example><code>
/// ModelFileInformation file = ModelFileInformation.Read("llama-2-7b.Q4_K_M.gguf");
/// Console.WriteLine($"{file.ParameterCount:N0} parameters, {file.Configuration?.ContextLength:N0} tokens of context");
/// </code></example>
public sealed class ModelFileInformation
{
    private ModelFileInformation(IModelFile file)
    {
        Path = file.Path;
        FormatName = file.FormatName;
        ByteSize = file.ByteSize;
        Warnings = Array.AsReadOnly([.. file.Warnings]);
        Metadata = new ReadOnlyDictionary<string, object>(new OrderedDictionary<string, object>(file.Metadata, StringComparer.Ordinal));
        Tensors = Array.AsReadOnly([.. file.Tensors.Select(Describe)]);
        ParameterCount = Tensors.Sum(tensor => tensor.ElementCount);
        EndOfGenerationIds = FindEnds(file);
        try
        {
            Configuration = ConfigurationReader.Read(file);
        }
        catch (ModelFormatException exception)
        {
            ConfigurationFault = exception.Message;
            return;
        }

        new TensorShapes(Configuration).CheckShapes(file);
    }

    /// <summary>The path of the file, as the caller gave it.</summary>
    public string Path { get; }

    /// <summary>The format and its version, such as <c>GGUF v3</c>.</summary>
    public string FormatName { get; }

    /// <summary>The size of the file in bytes.</summary>
    public long ByteSize { get; }

    /// <summary>
    /// The metadata in the file's order. A value is a number (<see cref="byte"/> to <see cref="ulong"/>, <see cref="float"/>, <see cref="double"/>),
    /// a <see cref="bool"/>, a <see cref="string"/>, or an array of one of these types. Arrays must not be modified.
    /// </summary>
    public IReadOnlyDictionary<string, object> Metadata { get; }

    /// <summary>
    /// The model's chat template in Jinja (<c>tokenizer.chat_template</c>); null if there is none. See
    /// <see cref="PromptFormat.Detect(ModelFileInformation, CancellationToken)"/>.
    /// </summary>
    public string? ChatTemplate => Metadata.GetValueOrDefault(VocabularyKeys.ChatTemplate) as string;

    /// <summary>The tensors in the order of the file's table; empty if the file contains only a vocabulary.</summary>
    public IReadOnlyList<TensorInformation> Tensors { get; }

    /// <summary>The number of parameters in all tensors together.</summary>
    public long ParameterCount { get; }

    /// <summary>
    /// The number of bytes of weights that are read to compute one token, in the file's formats. Of the embedding table only one row is read; but if
    /// the model has no output matrix of its own, the whole table is read.
    /// </summary>
    public long DecodeByteSize
    {
        get
        {
            TensorInformation? embedding = Tensors.FirstOrDefault(tensor => tensor.Name == LlamaTensors.TokenEmbedding.Name());
            bool isTied = Tensors.All(tensor => tensor.Name != LlamaTensors.Output.Name());
            long all = Tensors.Sum(tensor => tensor.ByteSize);
            return embedding is null || isTied ? all : all - embedding.ByteSize + embedding.ByteSize / embedding.Dimensions[^1];
        }
    }

    /// <summary>
    /// The model's hyperparameters, such as its dimensions. Null if the file does not contain a model of the Llama family;
    /// <see cref="ConfigurationFault"/> then states why.
    /// </summary>
    /// <remarks>
    /// Even if the configuration is not null, tensors may have types that this library does not support: see
    /// <see cref="TensorInformation.IsSupported"/>.
    /// </remarks>
    public ModelConfiguration? Configuration { get; }

    /// <summary>A sentence that states why there is no <see cref="Configuration"/>; null if there is one.</summary>
    public string? ConfigurationFault { get; }

    /// <summary>
    /// The ids of the tokens that end a generation, as in <see cref="ModelTokenizer.EndOfGenerationIds"/>. Empty if the file has no vocabulary that
    /// this library can read.
    /// </summary>
    public IReadOnlyList<int> EndOfGenerationIds { get; }

    /// <summary>
    /// One sentence for each setting in the model's files that was ignored: for example, token ids in a folder's configuration that contradict its
    /// tokenizer. Usually empty.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Reads a model's metadata and its table of tensors. Its files are closed when the call returns.</summary>
    /// <param name="path">A file or folder in any form that <see cref="LlamaModel.Load(string, LlamaModelOptions?, IProgress{ByteProgress}?, CancellationToken)"/> takes.</param>
    /// <exception cref="ModelFormatException">A file is in no form that this library knows, or is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to a file is denied.</exception>
    /// <remarks>The method is synchronous because reading metadata takes only milliseconds; no weights are read.</remarks>
    public static ModelFileInformation Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using IModelFile file = ModelFiles.Open(path);
        return new ModelFileInformation(file);
    }

    private static ReadOnlyCollection<int> FindEnds(IModelFile file)
    {
        try
        {
            return Array.AsReadOnly(GgufVocabularyReader.Read(file).EndIds.ToArray());
        }
        catch (ModelFormatException)
        {
            // The error is not reported here, because it is reported when the model is loaded.
            return ReadOnlyCollection<int>.Empty;
        }
    }

    private static TensorInformation Describe(TensorDescription tensor) => new(tensor.Name, tensor.Type, tensor.Dimensions, tensor.ByteSize);
}
