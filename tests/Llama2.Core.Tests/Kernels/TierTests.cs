using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class TierTests
{
    public static TheoryData<string> TierNames => Tiers.Names;

    [Theory]
    [MemberData(nameof(TierNames))]
    public void LoadHalves_EveryFiniteHalf_IsExact(string tier) => Tiers.Check(tier, new Halves());

    [Theory]
    [MemberData(nameof(TierNames))]
    public void LoadBFloats_EveryPattern_IsExact(string tier) => Tiers.Check(tier, new BFloats());

    [Theory]
    [MemberData(nameof(TierNames))]
    public void LoadBytes_EveryByte_IsExact(string tier) => Tiers.Check(tier, new ByteConversions());

    [Theory]
    [MemberData(nameof(TierNames))]
    public void BitOperations_RandomBytes_EqualScalarTwin(string tier) => Tiers.Check(tier, new BitOperations());

    [Theory]
    [MemberData(nameof(TierNames))]
    public void Lookup_EveryIndex_GivesTheTablesEntry(string tier) => Tiers.Check(tier, new Lookups());

    [Theory]
    [MemberData(nameof(TierNames))]
    public void DotProducts_AtTheExtremesOfTheirWidth_EqualScalarTwin(string tier) => Tiers.Check(tier, new DotProducts());

    [Theory]
    [MemberData(nameof(TierNames))]
    public void IntegerOperations_EqualScalarTwin(string tier) => Tiers.Check(tier, new IntegerOperations());

    [Theory]
    [MemberData(nameof(TierNames))]
    public void FloatOperations_RoundOnce(string tier) => Tiers.Check(tier, new FloatOperations());

    [Theory]
    [MemberData(nameof(TierNames))]
    public void Store_WritesTheLanesAndNoMore(string tier) => Tiers.Check(tier, new Stores());

    private readonly struct Halves : ITierCheck
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            ushort[] finite = [.. Enumerable.Range(0, 65_536).Select(bits => (ushort)bits).Where(bits => Half.IsFinite(BitConverter.UInt16BitsToHalf(bits)))];
            finite.Should().HaveCount(65_536 - 2 * 1024);
            for (int start = 0; start < finite.Length; start += TTier.Lanes)
            {
                float[] widened = Tiers.Floats(TTier.LoadHalves(in MemoryMarshal.AsBytes(finite.AsSpan(start))[0]));
                for (int lane = 0; lane < TTier.Lanes; lane++)
                {
                    // −0 may become +0: sums begin with +0, so the sign of a zero weight has no effect.
                    float expected = (float)BitConverter.UInt16BitsToHalf(finite[start + lane]) + 0f;
                    if (BitConverter.SingleToInt32Bits(widened[lane] + 0f) != BitConverter.SingleToInt32Bits(expected))
                    {
                        Assert.Fail($"Half {finite[start + lane]:X4} became {widened[lane]:R}, not {expected:R}.");
                    }
                }
            }
        }
    }

    private readonly struct BFloats : ITierCheck
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            ushort[] patterns = [.. Enumerable.Range(0, 65_536).Select(bits => (ushort)bits)];
            for (int start = 0; start < patterns.Length; start += TTier.Lanes)
            {
                int[] widened = Tiers.Integers(TTier.LoadBFloats(in MemoryMarshal.AsBytes(patterns.AsSpan(start))[0]));
                for (int lane = 0; lane < TTier.Lanes; lane++)
                {
                    if (widened[lane] != patterns[start + lane] << 16)
                    {
                        Assert.Fail($"{patterns[start + lane]:X4} became {widened[lane]:X8}.");
                    }
                }
            }
        }
    }

    private readonly struct ByteConversions : ITierCheck
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            byte[] bytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
            for (int start = 0; start < 256; start += TTier.Lanes)
            {
                ArraySegment<byte> lanes = new(bytes, start, TTier.Lanes);
                Tiers.Floats(TTier.LoadBytesAsFloats(in bytes[start])).Should().Equal(lanes.Select(value => (float)value));
                Tiers.Floats(TTier.LoadSignedBytesAsFloats(in bytes[start])).Should().Equal(lanes.Select(value => (float)(sbyte)value));
            }
        }
    }

    private readonly struct BitOperations : ITierCheck
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            var random = new Random(3);
            byte[] left = new byte[4 * TTier.Lanes], right = new byte[4 * TTier.Lanes];
            random.NextBytes(left);
            random.NextBytes(right);
            V x = TTier.Load(in left[0]), y = TTier.Load(in right[0]);
            Tiers.Bytes(x).Should().Equal(left);
            Tiers.Bytes(TTier.And(x, 0x30)).Should().Equal(left.Select(value => (byte)(value & 0x30)));
            Tiers.Bytes(TTier.Or(x, y)).Should().Equal(left.Zip(right, (a, b) => (byte)(a | b)));
            for (int count = 1; count < 8; count++)
            {
                ushort[] shorts = MemoryMarshal.Cast<byte, ushort>(left).ToArray();
                Shorts(TTier.ShiftRight(x, count)).Should().Equal(shorts.Select(value => (ushort)(value >> count)));
                Shorts(TTier.ShiftLeft(x, count)).Should().Equal(shorts.Select(value => (ushort)(value << count)));
            }
        }

        private static ushort[] Shorts<V>(V register)
            where V : struct => MemoryMarshal.Cast<byte, ushort>(Tiers.Bytes(register)).ToArray();
    }

    private readonly struct Lookups : ITierCheck
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            byte[] table = new byte[16];
            new Random(4).NextBytes(table);
            byte[] tables = [.. table, .. table, .. table, .. table];
            for (int shift = 0; shift < 16; shift++)
            {
                byte[] indexes = [.. Enumerable.Range(0, 4 * TTier.Lanes).Select(i => (byte)((i + shift + i / 16) % 16))];
                Tiers.Bytes(TTier.Lookup(TTier.Load(in indexes[0]), in tables[0])).Should().Equal(indexes.Select(index => table[index]));
            }
        }
    }

    private readonly struct DotProducts : ITierCheck
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            var random = new Random(6);
            for (int repeat = 0; repeat < 300; repeat++)
            {
                // In a third of the cases all activations are at the same end of their range, in a third each is at a random end, and in a third each has
                // a random value. In half of the cases all codes are at the upper end of their range.
                sbyte[] x = [.. Enumerable.Range(0, 36).Select(_ => (repeat % 3) switch
                {
                    0 => (sbyte)(repeat % 2 == 0 ? 127 : -127),
                    1 => (sbyte)(random.Next(2) == 0 ? 127 : -127),
                    _ => (sbyte)random.Next(-127, 128),
                })];
                Check<TTier, V>(x, width => repeat % 4 < 2 ? (1 << width) - 1 : random.Next(1 << width));
            }
        }

        private static void Check<TTier, V>(sbyte[] x, Func<int, int> code)
            where TTier : struct, ITier<V>
            where V : struct
        {
            byte[][] four = Vectors(TTier.Lanes, () => code(4)), five = Vectors(TTier.Lanes, () => code(5));
            byte[][] six = Vectors(TTier.Lanes, () => code(6)), eight = Vectors(TTier.Lanes, () => code(8));
            V[] v = [.. five.Select(vector => TTier.Load(in vector[0]))];
            Tiers.Integers(TTier.Dot16Bits5(v[0], v[1], v[2], v[3], ref x[0], 4)).Should().Equal(Twin(five, 4, x));
            v = [.. six.Select(vector => TTier.Load(in vector[0]))];
            Tiers.Integers(TTier.Dot16Bits6(v[0], v[1], v[2], v[3], ref x[0], 4)).Should().Equal(Twin(six, 4, x));
            v = [.. four.Select(vector => TTier.Load(in vector[0]))];
            Tiers.Integers(TTier.Dot32Bits4(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], ref x[0], 4)).Should().Equal(Twin(four, 8, x));
            v = [.. eight.Select(vector => TTier.Load(in vector[0]))];
            sbyte[] y = Tiers.Activations<TTier, V>(x, 8);
            Tiers.Integers(TTier.Dot16Bits8(v[0], v[1], v[2], v[3], ref y[0], 4)).Should().Equal(Twin(eight, 4, x));
            Tiers.Integers(TTier.Dot32Bits8(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], ref y[0], 4)).Should().Equal(Twin(eight, 8, x));
        }

        private static byte[][] Vectors(int lanes, Func<int> code) =>
            [.. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, 4 * lanes).Select(_ => (byte)code()).ToArray())];

        // The activations begin at index 4.
        private static int[] Twin(byte[][] vectors, int vectorCount, sbyte[] x)
        {
            int[] sums = new int[vectors[0].Length / 4];
            for (int i = 0; i < vectorCount; i++)
            {
                for (int j = 0; j < vectors[i].Length; j++)
                {
                    sums[j / 4] += vectors[i][j] * x[4 + 4 * i + j % 4];
                }
            }

            return sums;
        }
    }

    private readonly struct IntegerOperations : ITierCheck
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            // The largest dot product is 32 · 255 · 127 = 1,036,320; centring the codes adds half of that.
            const int Limit = 2 * 32 * 255 * 127;
            var random = new Random(8);
            int[] left = Lanes(), right = Lanes(), addends = [-128 * 4064, 128 * 4064, 0];
            V x = Tiers.Load<TTier, V, int>(left), y = Tiers.Load<TTier, V, int>(right);
            Tiers.Integers(TTier.AddIntegers(x, y)).Should().Equal(left.Zip(right, (a, b) => a + b));
            Tiers.Floats(TTier.ToFloat(x)).Should().Equal(left.Select(value => (float)value));
            for (int index = 0; index < addends.Length; index++)
            {
                Tiers.Integers(TTier.AddIntegers(x, ref addends[0], index)).Should().Equal(left.Select(value => value + addends[index]));
            }

            int[] Lanes() => [.. Enumerable.Range(0, TTier.Lanes).Select(i => i == 0 ? -Limit : i == 1 ? Limit : random.Next(-Limit, Limit))];
        }
    }

    private readonly struct FloatOperations : ITierCheck
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            var random = new Random(9);
            for (int repeat = 0; repeat < 200; repeat++)
            {
                float[] a = Lanes(), b = Lanes(), c = Lanes(), factors = Lanes();
                V x = Tiers.Load<TTier, V, float>(a), y = Tiers.Load<TTier, V, float>(b), z = Tiers.Load<TTier, V, float>(c);
                int index = repeat % TTier.Lanes;
                float factor = factors[index];
                Tiers.Floats(TTier.LoadFloats(in MemoryMarshal.AsBytes(a.AsSpan())[0])).Should().Equal(a);
                Tiers.Floats(TTier.AddFloats(x, y)).Should().Equal(a.Zip(b, (l, r) => l + r));
                Tiers.Floats(TTier.Multiply(x, y)).Should().Equal(a.Zip(b, (l, r) => l * r));
                Tiers.Floats(TTier.Multiply(x, ref factors[0], index)).Should().Equal(a.Select(l => l * factor));
                Tiers.Floats(TTier.MultiplyAdd(x, y, z)).Should().Equal(a.Select((l, i) => Fused(l, b[i], c[i])));
                Tiers.Floats(TTier.MultiplyAdd(x, ref factors[0], index, z)).Should().Equal(a.Select((l, i) => Fused(l, factor, c[i])));
                Tiers.Floats(TTier.MultiplySubtract(x, ref factors[0], index, z)).Should().Equal(a.Select((l, i) => Fused(-l, factor, c[i])));
            }

            // Values near ±1, so that rounding the product before the addition would change the result.
            float[] Lanes() => [.. Enumerable.Range(0, TTier.Lanes).Select(_ => (random.NextSingle() + 0.5f) * (random.Next(2) == 0 ? 1 : -1))];
        }

        // The portable tier has no instruction for a fused multiply-add, so it rounds twice.
        private static float Fused(float left, float right, float addend) =>
            Fma.IsSupported || AdvSimd.IsSupported ? MathF.FusedMultiplyAdd(left, right, addend) : left * right + addend;
    }

    private readonly struct Stores : ITierCheck
    {
        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct
        {
            float[] lanes = [.. Enumerable.Range(1, TTier.Lanes).Select(i => (float)i)];
            float[] memory = new float[TTier.Lanes + 2];
            TTier.Store(Tiers.Load<TTier, V, float>(lanes), ref memory[1]);
            memory.Should().Equal([0, .. lanes, 0]);
            TTier.PrefetchNear(in MemoryMarshal.AsBytes(memory.AsSpan())[0]);
            TTier.PrefetchFar(in MemoryMarshal.AsBytes(memory.AsSpan())[0]);
        }
    }
}
