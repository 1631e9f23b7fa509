using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

/// <summary>A claim about every instruction-set tier.</summary>
internal interface ITierCheck
{
    void Check<TTier, V>()
        where TTier : struct, ITier<V>
        where V : struct;
}
