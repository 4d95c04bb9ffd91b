namespace Facula.CudaEmulator;

internal sealed unsafe partial class Decoder
{
    /// <summary>Every instruction that is known, by the first part of its name.</summary>
    private void Root(string name)
    {
        switch (name)
        {
            case "mov": Move(); break;
            case "add": Arithmetic<Add>(Flag("sat") ? &Loops.Binary<AddSaturated> : null); break;
            case "sub": Arithmetic<Subtract>(Flag("sat") ? &Loops.Binary<SubtractSaturated> : null); break;
            case "mul": MultiplyAny(); break;
            case "mad": MultiplyAddAny(); break;
            case "fma": Fused(); break;
            case "div": DivideAny(); break;
            case "rem": IntegerOnly<Remainder>(); break;
            case "sad": Sad(); break;
            case "min": Extreme<Minimum, MinimumNaN>(); break;
            case "max": Extreme<Maximum, MaximumNaN>(); break;
            case "neg": SignOnly<Negate>(); break;
            case "abs": SignOnly<Absolute>(); break;
            case "sqrt": Root<SquareRoot>(); break;
            case "rcp": Root<Reciprocal>(); break;
            case "rsqrt": Approximate<ReciprocalSquareRoot>(); break;
            case "ex2": Approximate<PowerOfTwo>(); break;
            case "lg2": Approximate<LogarithmOfTwo>(); break;
            case "sin": Approximate<Sine>(); break;
            case "cos": Approximate<Cosine>(); break;
            case "tanh": Approximate<HyperbolicTangent>(); break;
            case "and": Logic<And>('a'); break;
            case "or": Logic<Or>('o'); break;
            case "xor": Logic<Xor>('x'); break;
            case "not": LogicNot(); break;
            case "cnot": Plain(Type(PtxType.B16, PtxType.B32, PtxType.B64) is var cnot ? cnot : default, 1, IntegerUnary<LogicalNot>(cnot)); break;
            case "shl": Shift(true); break;
            case "shr": Shift(false); break;
            case "bfe": ExtractBits(); break;
            case "bfi": InsertBits(); break;
            case "bfind": FindBit(); break;
            case "popc": CountBits(&Loops.Unary<PopCount>, &Loops.Unary<PopCount>); break;
            case "clz": CountBits(&Loops.Unary<LeadingZeros32>, &Loops.Unary<LeadingZeros64>); break;
            case "brev":
                PtxType reversed = Type(PtxType.B32, PtxType.B64);
                Plain(reversed, 1, reversed == PtxType.B32 ? &Loops.Unary<Reverse32> : &Loops.Unary<Reverse64>);
                break;
            case "prmt": PermuteBytes(); break;
            case "lop3": LogicTable(); break;
            case "shf": Funnel(); break;
            case "setp": SetPredicate(); break;
            case "set": SetNumber(); break;
            case "selp": SelectByPredicate(); break;
            case "slct": SelectBySign(); break;
            case "testp": Test(); break;
            case "copysign":
                PtxType signed = Type(PtxType.F32, PtxType.F64);
                Plain(signed, 2, signed == PtxType.F32 ? &Loops.Binary<CopySign32> : &Loops.Binary<CopySign64>);
                break;
            case "cvt": ConvertAny(); break;
            case "cvta": ConvertAddress(); break;
            case "isspacep": SpacePredicate(); break;
            case "ld": Load(); break;
            case "ldu": Load(); break;
            case "st": StoreAny(); break;
            case "prefetch" or "prefetchu": Hint(); break;
            case "atom": Atomic(true); break;
            case "red": Atomic(false); break;
            case "cp": AsyncCopy(); break;
            case "bra": Branch(); break;
            case "ret" or "exit": End(); break;
            case "trap":
                Operands(0);
                instruction.Kind = InstructionKind.Trap;
                break;
            case "bar" or "barrier": Barrier(); break;
            case "membar" or "fence": Fence(); break;
            case "nanosleep":
                Flag("u32");
                Operands(1);
                Source(0, PtxType.U32);
                instruction.Kind = InstructionKind.Yield;
                break;
            case "shfl": Shuffle(); break;
            case "vote": Vote(); break;
            case "match": Match(); break;
            case "redux": ReduceWarp(); break;
            case "activemask":
                Flag("b32");
                Operands(1);
                instruction.D = Destination(PtxType.B32);
                instruction.Run = &Exchanges.ActiveMask;
                break;
            case "elect": Elect(); break;
            case "ldmatrix": LoadMatrix(); break;
            case "mma": MultiplyMatrices(); break;
            case "call": throw Error("Calls are not emulated");
            default: throw Error($"Not a name of any known instruction: '{name}'");
        }
    }
}
