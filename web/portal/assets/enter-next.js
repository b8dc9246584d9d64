// Enter leads to the next score and from the last one to the button, without a round trip. Without this file Enter asks the
// server, which keeps what was typed and puts the cursor into the next empty field.
document.addEventListener('keydown', (event) => {
  const form = event.target.closest?.('form[data-enter-next]');
  if (event.key !== 'Enter' || event.isComposing || !form || !event.target.matches('input')) return;
  event.preventDefault();
  const stops = [...form.querySelectorAll('input:not([type=hidden]), button[value=store]')];
  const next = stops[stops.indexOf(event.target) + (event.shiftKey ? -1 : 1)];
  next?.focus();
  next?.select?.();
});
