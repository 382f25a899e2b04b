package dev.flambeau.notes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.notes.PrintedText.Digits;
import org.junit.jupiter.api.Test;

class PrintedTextTest {
  private static String difference(String expected, String actual) {
    return PrintedText.difference(expected, actual, Digits.FOUR);
  }

  @Test
  void fourDigitsMustBeEqual() {
    assertNull(difference("tensor([0.0066, 0.2691])", "tensor([0.0066, 0.2691])"));
    assertEquals(
        "expected 0.2691 but it printed 0.2690",
        difference("tensor([0.0066, 0.2691])", "tensor([0.0066, 0.2690])"));
  }

  @Test
  void wholeAndFractionalNotationAreAlike() {
    assertNull(difference("tensor([1., 1.])", "tensor([1.0000, 1.0000])"));
    assertNull(difference("[ 1., -2.]", "[ 1.0000, -2.0000]"));
  }

  @Test
  void wholeNumbersAreComputedToo() {
    assertNotNull(difference("tensor([1., 1.])", "tensor([1.0000, 0.9999])"));
    String almost = "tensor([1.000000000, 0.999999940],\n       grad_fn=<A>)";
    String whole = "tensor([1., 1.], grad_fn=<A>)";
    assertNull(PrintedText.difference(whole, almost, Digits.NINE));
    assertNotNull(PrintedText.difference(whole, almost, Digits.ALL));
  }

  @Test
  void longNumbersMayDifferInTheLastDigits() {
    assertNull(difference("loss 2.6888046264648438", "loss 2.688804864883423"));
    assertNull(difference("tensor(0.813074529)", "tensor(0.813074588)"));
    assertNull(difference("tensor(-0.000000010)", "tensor(-0.000000060)"));
    assertNotNull(difference("tensor(0.813074529)", "tensor(0.813076529)"));
    assertNotNull(PrintedText.difference("tensor(0.813074529)", "tensor(0.813074588)", Digits.ALL));
  }

  @Test
  void everythingElseIsExact() {
    assertNotNull(difference("torch.Size([2, 3])", "torch.Size([2, 4])"));
    assertNotNull(difference("tensor([0.1234], grad_fn=<A>)", "tensor([0.1234], grad_fn=<B>)"));
    assertNotNull(difference("[0.123456789, 0.5]", "[0.123456788,  0.5]"));
    assertNotNull(difference("0.weight 0.1234", "1.weight 0.1234"));
    assertNotNull(difference("tensor([1., 1.])", "tensor([1., 1., 1.])"));
  }

  @Test
  void formLeavesTheDigitsOpen() {
    assertTrue(PrintedText.sameForm("[(0.1, 0.93)]", "[(0.003, 0.85)]"));
    assertFalse(PrintedText.sameForm("[(0.1, 0.93)]", "[(0.003; 0.85)]"));
  }
}
