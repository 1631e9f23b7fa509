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
        // The moments are initially 0. The memory has to be filled with the code of the number 0, because this code is not always the byte 0.
        Fill(_first, DynamicCode.Signed);
        Fill(_second, DynamicCode.Unsigned);
    }

    public override void Update(long start, Span<float> values, Span<float> gradient, in AdamWStep step)
    {
        Span<float> first = stackalloc float[BlockLength], second = stackalloc float[BlockLength];
        for (int done = 0; done < values.Length; done += BlockLength)
        {
            int count = Math.Min(BlockLength, values.Length - done);
            long block = (start + done) / BlockLength;
            Span<byte> firstCodes = _first.Slice(start + done, count), secondCodes = _second.Slice(start + done, count);
            DynamicCode.Signed.Decode(firstCodes, _firstScales.Slice(block, 1)[0], first[..count]);
            DynamicCode.Unsigned.Decode(secondCodes, _secondScales.Slice(block, 1)[0], second[..count]);
            AdamWUpdate.Apply(values.Slice(done, count), gradient.Slice(done, count), first[..count], second[..count], step);
            _firstScales.Slice(block, 1)[0] = DynamicCode.Signed.Encode(first[..count], firstCodes);
            _secondScales.Slice(block, 1)[0] = DynamicCode.Unsigned.Encode(second[..count], secondCodes);
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

    private static void Fill(AlignedBuffer<byte> buffer, CodeLookup lookup)
    {
        byte code = 0;
        lookup.Encode([0], new Span<byte>(ref code));
        const int Chunk = 1 << 20;
        for (long start = 0; start < buffer.Length; start += Chunk)
        {
            buffer.Slice(start, (int)Math.Min(Chunk, buffer.Length - start)).Fill(code);
        }
    }
}
