using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Quantization;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>The weights of a model file, decoded to float32. The file was checked when its configuration was read; the shapes of tensors are checked here.</summary>
internal sealed class FileParameters : IParameterSource
{
    private const int ChunkByteSize = 1 << 20;
    private readonly IModelFile _file;
    private readonly IProgress<ByteProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly long _totalBytes;
    private long _readBytes;

    /// <exception cref="ModelFormatException">
    /// The model has a tensor with factors for its rotary frequencies. It cannot be trained, because the file of the trained model would not contain
    /// this tensor.
    /// </exception>
    public FileParameters(IModelFile file, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
    {
        _file = file;
        _progress = progress;
        _cancellationToken = cancellationToken;
        _totalBytes = file.Tensors.Where(tensor => !LlamaTensors.IsRotaryFrequencies(NameSpace.Gguf, tensor.Name)).Sum(tensor => tensor.ByteSize);
        if (file.TryGetTensor(LlamaTensors.RopeFrequencyFactors.Name(), out TensorDescription? factors))
        {
            throw new ModelFormatException(file.Path, factors.EntryOffset, $"tensor '{factors.Name}'", "present", "training all weights does not support it; train adapters instead");
        }
    }

    public void Fill(Parameter parameter)
    {
        if (!_file.TryGetTensor(parameter.Name, out TensorDescription? tensor))
        {
            throw new ModelFormatException(_file.Path, null, $"tensor '{parameter.Name}'", "absent", "every Llama model has it: the file is incomplete");
        }

        if (tensor.RowLength != parameter.Values.ColumnCount || tensor.RowCount != parameter.Values.RowCount)
        {
            throw new ModelFormatException(
                _file.Path, tensor.EntryOffset, $"the shape of '{tensor.Name}'", $"{tensor.RowLength} × {tensor.RowCount}",
                $"according to the configuration it must be {parameter.Values.ColumnCount} × {parameter.Values.RowCount}: the file mixes two models");
        }

        int rowsAtOnce = (int)Math.Max(1, ChunkByteSize / tensor.RowByteSize);
        byte[] bytes = new byte[rowsAtOnce * tensor.RowByteSize];
        for (int row = 0; row < parameter.Values.RowCount; row += rowsAtOnce)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(rowsAtOnce, parameter.Values.RowCount - row), rowByteSize = (int)tensor.RowByteSize;
            _file.Read(tensor, row * tensor.RowByteSize, bytes.AsSpan(0, count * rowByteSize));
            for (int i = 0; i < count; i++)
            {
                WeightFormats.Dequantize(tensor.Type, bytes.AsSpan(i * rowByteSize, rowByteSize), parameter.Values[row + i]);
            }
        }

        _progress?.Report(new ByteProgress(_readBytes += tensor.ByteSize, _totalBytes));
    }
}
