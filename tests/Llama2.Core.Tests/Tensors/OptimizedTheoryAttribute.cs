using System.Diagnostics;
using System.Reflection;
using System.Runtime.Intrinsics;
using Llama2.Tensors;

namespace Llama2.Tests.Tensors;

/// <summary>
/// A theory about the speed of compiled code: skipped if the library was built without optimization, or on a processor without vector instructions.
/// </summary>
internal sealed class OptimizedTheoryAttribute : TheoryAttribute
{
    public OptimizedTheoryAttribute()
    {
        if (typeof(WeightMatrix).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
        {
            Skip = "The library was built without optimization; run dotnet test -c Release.";
        }
        else if (!Vector128.IsHardwareAccelerated)
        {
            Skip = "This process has no vector instructions.";
        }
    }
}
