using Llama2.Kernels;
using Llama2.Quantization;

namespace Llama2.Tests.Kernels;

public class CodesTests
{
    private const int BlockLength = 16 * 32;

    public static TheoryData<string> TierNames => Tiers.Names;

    [Theory]
    [MemberData(nameof(TierNames))]
    public void Load_AfterPack_GivesEveryCodeBack(string tier)
    {
        Tiers.Check(tier, new RoundTrip<Codes2>(Codes(2)));
        Tiers.Check(tier, new RoundTrip<Codes3>(Codes(3)));
        Tiers.Check(tier, new RoundTrip<Codes4>(Codes(4)));
        Tiers.Check(tier, new RoundTrip<Codes5>(Codes(5)));
        Tiers.Check(tier, new RoundTrip<Codes6>(Codes(6)));
        Tiers.Check(tier, new RoundTrip<Codes8>(Codes(8)));
        Tiers.Check(tier, new RoundTrip<CodesNonlinear4>(NonlinearValues()));
    }

    [Theory]
    [MemberData(nameof(TierNames))]
    public void Dot_LargestCodesAndActivations_EqualsScalarTwin(string tier)
    {
        Tiers.Check(tier, new DotProducts<Codes2>(Codes(2)));
        Tiers.Check(tier, new DotProducts<Codes3>(Codes(3)));
        Tiers.Check(tier, new DotProducts<Codes4>(Codes(4)));
        Tiers.Check(tier, new DotProducts<Codes5>(Codes(5)));
        Tiers.Check(tier, new DotProducts<Codes6>(Codes(6)));
        Tiers.Check(tier, new DotProducts<Codes8>(Codes(8)));
        Tiers.Check(tier, new DotProducts<CodesNonlinear4>(NonlinearValues()));
    }

    [Fact]
    public void Bits_HoldEveryCode()
    {
        new[] { Codes2.Bits, Codes3.Bits, Codes4.Bits, Codes5.Bits, Codes6.Bits, Codes8.Bits, CodesNonlinear4.Bits }
            .Should().Equal(2, 3, 4, 5, 6, 8, 8);
        new[]
        {
            Codes2.BlockByteSize, Codes3.BlockByteSize, Codes4.BlockByteSize, Codes5.BlockByteSize, Codes6.BlockByteSize, Codes8.BlockByteSize,
        }.Should().Equal(128, 192, 256, 320, 384, 512);
        CodesNonlinear4.BlockByteSize.Should().Be(256);
    }

    private static byte[] Codes(int bits) => [.. Enumerable.Range(0, 1 << bits).Select(code => (byte)code)];

    private static byte[] NonlinearValues() => [.. Enumerable.Range(0, 16).Select(i => NonlinearCodes.Tables[i])];

    /// <summary>
    /// Blocks of allowed codes: a block of equal codes for each code, each code alone among minimal codes, runs of all codes, and random codes.
    /// </summary>
    private static IEnumerable<byte[]> Blocks(byte[] allowed)
    {
        var random = new Random(5);
        foreach (byte code in allowed)
        {
            yield return [.. Enumerable.Repeat(code, BlockLength)];
        }

        for (int position = 0; position < BlockLength; position++)
        {
            byte[] block = [.. Enumerable.Repeat(allowed[0], BlockLength)];
            block[position] = allowed[^1];
            yield return block;
        }

        for (int start = 0; start < allowed.Length; start++)
        {
            yield return [.. Enumerable.Range(start, BlockLength).Select(i => allowed[i % allowed.Length])];
        }

        for (int repeat = 0; repeat < 50; repeat++)
        {
            yield return random.GetItems(allowed, BlockLength);
        }
    }

    private readonly struct RoundTrip<TCodes>(byte[] allowed) : ITierCheck
        where TCodes : struct, ICodes
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            foreach (byte[] vectors in Blocks(allowed))
            {
                byte[] block = [.. Enumerable.Repeat((byte)0xA5, TCodes.BlockByteSize)];
                TCodes.Pack(vectors, block);
                for (int firstRow = 0; firstRow < 16; firstRow += TTier.Lanes)
                {
                    for (int index = 0; index < 8; index++)
                    {
                        byte[] loaded = Tiers.Bytes(TCodes.Load<TTier, V>(in block[4 * firstRow], index));
                        if (!loaded.AsSpan().SequenceEqual(vectors.AsSpan(64 * index + 4 * firstRow, 4 * TTier.Lanes)))
                        {
                            Assert.Fail($"{typeof(TCodes).Name}: vector {index} from row {firstRow} on is {Convert.ToHexString(loaded)}.");
                        }
                    }
                }
            }
        }
    }

    private readonly struct DotProducts<TCodes>(byte[] allowed) : ITierCheck
        where TCodes : struct, ICodes
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            var random = new Random(11);
            foreach (sbyte[] x in Activations(random))
            {
                // All codes at their maximum, then random ones.
                CheckOne<TTier, V>([.. Enumerable.Repeat(allowed.Max(), BlockLength)], x);
                CheckOne<TTier, V>(random.GetItems(allowed, BlockLength), x);
            }
        }

        // 40 values: the dot products begin at index 8, which shows that they respect the start of the span.
        private static IEnumerable<sbyte[]> Activations(Random random)
        {
            yield return [.. Enumerable.Repeat((sbyte)127, 40)];
            yield return [.. Enumerable.Repeat((sbyte)-127, 40)];
            yield return [.. Enumerable.Range(0, 40).Select(i => (sbyte)(i % 2 == 0 ? 127 : -127))];
            yield return [.. Enumerable.Range(0, 40).Select(i => (sbyte)(i / 2 % 2 == 0 ? 127 : -127))];
            yield return [.. Enumerable.Range(0, 40).Select(i => (sbyte)(i < 24 ? 127 : -127))];
            for (int repeat = 0; repeat < 20; repeat++)
            {
                yield return [.. Enumerable.Range(0, 40).Select(_ => (sbyte)random.Next(-127, 128))];
            }
        }

        private static void CheckOne<TTier, V>(byte[] vectors, sbyte[] x)
            where TTier : struct, ITier<V>
            where V : struct
        {
            const int Start = 8;
            byte[] block = new byte[TCodes.BlockByteSize];
            TCodes.Pack(vectors, block);
            sbyte[] y = Tiers.Activations<TTier, V>(x, TCodes.Bits);
            for (int firstRow = 0; firstRow < 16; firstRow += TTier.Lanes)
            {
                V c0 = TCodes.Load<TTier, V>(in block[4 * firstRow], 0), c1 = TCodes.Load<TTier, V>(in block[4 * firstRow], 1);
                V c2 = TCodes.Load<TTier, V>(in block[4 * firstRow], 2), c3 = TCodes.Load<TTier, V>(in block[4 * firstRow], 3);
                V c4 = TCodes.Load<TTier, V>(in block[4 * firstRow], 4), c5 = TCodes.Load<TTier, V>(in block[4 * firstRow], 5);
                V c6 = TCodes.Load<TTier, V>(in block[4 * firstRow], 6), c7 = TCodes.Load<TTier, V>(in block[4 * firstRow], 7);
                int[] first = Tiers.Integers(TCodes.Dot16<TTier, V>(c0, c1, c2, c3, ref y[0], Start));
                int[] last = Tiers.Integers(TCodes.Dot16<TTier, V>(c4, c5, c6, c7, ref y[0], Start + 16));
                int[] all = Tiers.Integers(TCodes.Dot32<TTier, V>(c0, c1, c2, c3, c4, c5, c6, c7, ref y[0], Start));
                for (int lane = 0; lane < TTier.Lanes; lane++)
                {
                    int low = Twin(vectors, firstRow + lane, x, Start, 0), high = Twin(vectors, firstRow + lane, x, Start, 16);
                    (first[lane], last[lane], all[lane]).Should().Be((low, high, low + high), "{0}, row {1}", typeof(TCodes).Name, firstRow + lane);
                }
            }
        }

        // Column c of a row is byte c % 4 of the row's four bytes in vector c / 4.
        private static int Twin(byte[] vectors, int row, sbyte[] x, int start, int firstColumn)
        {
            int sum = 0;
            for (int column = firstColumn; column < firstColumn + 16; column++)
            {
                sum += vectors[column / 4 * 64 + row * 4 + column % 4] * x[start + column];
            }

            return sum;
        }
    }
}
