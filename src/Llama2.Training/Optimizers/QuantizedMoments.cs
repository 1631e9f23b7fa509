using System.Numerics.Tensors;
using Llama2.Memory;
using Llama2.Training.Checkpoints;
using Llama2.Training.Kernels;

namespace Llama2.Training.Optimizers;

/// <summary>
/// Moments in 8 bits, with a scale for each block of 256 moments (Dettmers et al. 2021, arXiv 2110.02861). The two moments of a weight take a little more than 2 bytes.
/// </summary>
internal sealed class QuantizedMoments : Moments
{
    /// <summary>The number of weights that share a scale.</summary>
    public const int BlockLength = 256;

    private readonly AlignedBuffer<byte> _first, _second;
    private readonly AlignedBuffer<float> _firstScales, _secondScales;

    public QuantizedMoments(long length)
    {
        long blockCount = (length + BlockLength - 1) / BlockLength;
        (_first, _second) = (new(length), new(length));
        (_firstScales, _secondScales) = (new(blockCount), new(blockCount));
        // The moments are initially 0. The memory has to be filled with the code of the number 0, because this code is not the byte 0.
        Fill(_first, DynamicCode.Signed.Encode(0));
        Fill(_second, DynamicCode.Unsigned.Encode(0));
    }

    public override void Update(long start, Span<float> values, Span<float> gradient, in AdamWStep step)
    {
        Span<float> first = stackalloc float[BlockLength], second = stackalloc float[BlockLength];
        for (int done = 0; done < values.Length; done += BlockLength)
        {
            int count = Math.Min(BlockLength, values.Length - done);
            long block = (start + done) / BlockLength;
            Span<byte> firstCodes = _first.Slice(start + done, count), secondCodes = _second.Slice(start + done, count);
            Decode(DynamicCode.Signed, firstCodes, _firstScales.Slice(block, 1)[0], first);
            Decode(DynamicCode.Unsigned, secondCodes, _secondScales.Slice(block, 1)[0], second);
            AdamWUpdate.Apply(values.Slice(done, count), gradient.Slice(done, count), first[..count], second[..count], step);
            Encode(DynamicCode.Signed, first[..count], firstCodes, out _firstScales.Slice(block, 1)[0]);
            Encode(DynamicCode.Unsigned, second[..count], secondCodes, out _secondScales.Slice(block, 1)[0]);
        }
    }

    public override void Exchange(ICheckpointExchange checkpoint, string name)
    {
        checkpoint.Exchange($"{name}.first", _first);
        checkpoint.Exchange($"{name}.first_scales", _firstScales);
        checkpoint.Exchange($"{name}.second", _second);
        checkpoint.Exchange($"{name}.second_scales", _secondScales);
    }

    public override void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _firstScales.Dispose();
        _secondScales.Dispose();
    }

    private static void Decode(DynamicCode code, ReadOnlySpan<byte> codes, float scale, Span<float> values)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            values[i] = code.Decode(codes[i]) * scale;
        }
    }

    private static void Encode(DynamicCode code, ReadOnlySpan<float> values, Span<byte> codes, out float scale)
    {
        scale = TensorPrimitives.MaxMagnitude(values);
        scale = Math.Abs(scale);
        float inverse = scale > 0 ? 1 / scale : 0;
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = code.Encode(values[i] * inverse);
        }
    }

    private static void Fill(AlignedBuffer<byte> buffer, byte code)
    {
        const int Chunk = 1 << 20;
        for (long start = 0; start < buffer.Length; start += Chunk)
        {
            buffer.Slice(start, (int)Math.Min(Chunk, buffer.Length - start)).Fill(code);
        }
    }
}
