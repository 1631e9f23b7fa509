using System.Runtime.InteropServices;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class TiledActivationsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(33)]
    public void From_EachTokenOfManyTiles_HoldsItsColumnsEightApart(int width)
    {
        for (int tokenCount = 1; tokenCount <= 17; tokenCount++)
        {
            using var tiled = new TiledActivations(tokenCount, width);
            float[][] tokens = [.. Enumerable.Range(0, tokenCount).Select(token => Enumerable.Range(1, width).Select(column => token * 100f + column).ToArray())];
            for (int token = tokenCount - 1; token >= 0; token--)
            {
                tiled.Set(token, tokens[token]);
            }

            for (int token = 0; token < tokenCount; token++)
            {
                Read(tiled, token, width).Should().Equal(tokens[token]);
            }
        }
    }

    [Fact]
    public void From_PaddingOfAnOddWidthAndOfTheLastTile_IsZero()
    {
        using var tiled = new TiledActivations(9, 3);
        for (int token = 0; token < 9; token++)
        {
            tiled.Set(token, [1, 2, 3]);
        }

        for (int token = 0; token < 16; token++)
        {
            Read(tiled, token, 4).Should().Equal(token < 9 ? [1, 2, 3, 0] : [0, 0, 0, 0]);
        }
    }

    [Fact]
    public void Set_WrongLength_Throws()
    {
        using var tiled = new TiledActivations(1, 3);
        Action set = () => tiled.Set(0, new float[4]);
        set.Should().Throw<ArgumentOutOfRangeException>();
    }

    private static float[] Read(TiledActivations tiled, int token, int width)
    {
        ReadOnlySpan<float> memory = MemoryMarshal.CreateReadOnlySpan(ref tiled.From(token), 8 * (width - 1) + 1);
        float[] columns = new float[width];
        for (int column = 0; column < width; column++)
        {
            columns[column] = memory[8 * column];
        }

        return columns;
    }
}
