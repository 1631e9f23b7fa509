using System.Diagnostics.CodeAnalysis;
using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Model;

namespace Llama2.Adapters;

/// <summary>
/// A model file whose weights include the changes of adapters. It can be read and written like any other model file. Changed tensors are F32; the
/// others are unchanged. Thread-safe.
/// </summary>
internal sealed class MergedModelFile : IModelFile
{
    private readonly IModelFile _model;
    private readonly Dictionary<string, MergedTensor> _merged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorDescription> _tensors = new(StringComparer.Ordinal);

    /// <param name="model">The model; the caller keeps ownership.</param>
    /// <param name="adapters">The adapters to merge; the constructor reads them, and the caller keeps ownership.</param>
    /// <exception cref="ModelFormatException">An adapter does not fit the model.</exception>
    public MergedModelFile(IModelFile model, IEnumerable<(AdapterFile File, float Scale)> adapters)
    {
        _model = model;
        ModelConfiguration configuration = ConfigurationReader.Read(model);
        new TensorShapes(configuration).Require(model);
        foreach ((AdapterFile file, float scale) in adapters)
        {
            foreach (BaseCopy copy in file.Copies)
            {
                copy.RequireUnchanged(BaseTensor.Find(model, copy.BaseName), configuration.HeadLength, CancellationToken.None);
            }

            foreach (AdapterPair pair in file.Pairs)
            {
                if (configuration.Family.Tensors.Find(NameSpace.Gguf, pair.BaseName) is not ({ TakesLora: true }, _) || !model.TryGetTensor(pair.BaseName, out TensorDescription? tensor))
                {
                    throw pair.IsOfNoTensor();
                }

                if (!_merged.TryGetValue(pair.BaseName, out MergedTensor? merged))
                {
                    _merged.Add(pair.BaseName, merged = new MergedTensor(model, tensor));
                }

                merged.Add(pair, scale, configuration.HeadLength, pair.BaseName == LlamaTensors.TokenEmbedding.Name());
            }
        }

        Tensors = [.. Describe()];
    }

    public string Path => _model.Path;

    public string FormatName => _model.FormatName;

    public long ByteSize => _model.ByteSize;

    public IReadOnlyDictionary<string, object> Metadata => _model.Metadata;

    public IReadOnlyList<TensorDescription> Tensors { get; }

    /// <summary>The changed tensor of this name; null if the tensor is not changed.</summary>
    public MergedTensor? FindMerged(string name) => _merged.GetValueOrDefault(name);

    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorDescription? tensor) => _tensors.TryGetValue(name, out tensor);

    public long? MetadataOffset(string key) => _model.MetadataOffset(key);

    public void Read(TensorDescription tensor, long byteOffset, Span<byte> destination)
    {
        if (_merged.TryGetValue(tensor.Name, out MergedTensor? merged))
        {
            merged.Read(byteOffset, destination);
        }
        else
        {
            string name = tensor.Name == LlamaTensors.Output.Name() && !_model.TryGetTensor(LlamaTensors.Output.Name(), out _) ? LlamaTensors.TokenEmbedding.Name() : tensor.Name;
            _model.TryGetTensor(name, out TensorDescription? stored);
            _model.Read(stored!, byteOffset, destination);
        }
    }

    public void Dispose()
    {
    }

    private IEnumerable<TensorDescription> Describe()
    {
        foreach (TensorDescription tensor in _model.Tensors)
        {
            TensorDescription description = FindMerged(tensor.Name)?.Description ?? tensor;
            _tensors.Add(tensor.Name, description);
            yield return description;
            // If the output matrix shares the embeddings, it keeps the unchanged embeddings, as when the adapter is applied without merging.
            if (tensor.Name == LlamaTensors.TokenEmbedding.Name() && description != tensor && !_model.TryGetTensor(LlamaTensors.Output.Name(), out _))
            {
                var output = new TensorDescription(LlamaTensors.Output.Name(), tensor.Type, [.. tensor.Dimensions], tensor.Offset, tensor.EntryOffset);
                _tensors.Add(output.Name, output);
                yield return output;
            }
        }
    }
}
