using Llama2.Grammar.Matching;

namespace Llama2.Tests.Grammar.Matching;

public class PooledArrayTests
{
    [Fact]
    public void Grow_KeepsTheContent()
    {
        int[] array = PooledArray.Rent<int>(40);
        for (int i = 0; i < 40; i++)
            array[i] = i;

        PooledArray.Grow(ref array, 1000);

        array.Length.Should().BeGreaterThanOrEqualTo(1000);
        array.Take(40).Should().Equal(Enumerable.Range(0, 40));
        PooledArray.Return(ref array);
    }

    [Fact]
    public void Return_ClearsReferencesAndLeavesAnEmptyArray()
    {
        string[] array = PooledArray.Rent<string>(20), same = array;
        array[7] = "text";

        PooledArray.Return(ref array);
        PooledArray.Return(ref array);

        array.Should().BeEmpty();
        same[7].Should().BeNull();
    }

    [Fact]
    public void Grow_ToALengthThatWasUsedBefore_AllocatesNothing() => AllocationMeter.Measure(() =>
    {
        long[] array = PooledArray.Rent<long>(16);
        PooledArray.Grow(ref array, 5000);
        PooledArray.Return(ref array);
    }).Should().Be(0);
}
